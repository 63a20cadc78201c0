//! A browser without a window, driven by its DevTools protocol: messages of JSON that end with 0, through pipes.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
/// Longer than anything here takes on a slow machine.
const LIMIT: Duration = Duration::from_secs(120);
const TICK: Duration = Duration::from_millis(10);

/// A browser with one tab.
pub struct Browser {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    session: Option<String>,
    n_sent: u64,
    /// What the browser told without being asked.
    pub events: Vec<Value>,
    _profile: TempDir,
}

impl Browser {
    pub fn start() -> Self {
        let profile = tempfile::tempdir().unwrap();
        let find = NAMES.map(|name| format!("command -v {name}")).join(" || ");
        // The protocol is read from file 3 and written to file 4. Root may not have the sandbox.
        let script = format!(
            "exec \"$({find})\" --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --disable-background-networking --no-first-run \
             --remote-debugging-pipe \"--user-data-dir=$0\" 3<&0 4>&1 0</dev/null 1>/dev/null 2>/dev/null"
        );
        let mut command = Command::new("sh");
        command.arg("-c").arg(script).arg(profile.path());
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (input, output) = (process.stdin.take().unwrap(), BufReader::new(process.stdout.take().unwrap()));
        let (session, events) = (None, Vec::new());
        let mut browser = Self { process, input, output, session, n_sent: 0, events, _profile: profile };
        let target = browser.send("Target.createTarget", json!({ "url": "about:blank" }));
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let session = browser.send("Target.attachToTarget", attach);
        browser.session = session["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Runtime", "Network", "Log", "Accessibility"] {
            browser.send(&format!("{domain}.enable"), json!({}));
        }
        browser
    }

    /// Sends a command; gives its result.
    #[track_caller]
    pub fn send(&mut self, method: &str, parameters: Value) -> Value {
        self.n_sent += 1;
        let mut message = json!({ "id": self.n_sent, "method": method, "params": parameters });
        if let Some(session) = &self.session {
            message["sessionId"] = json!(session);
        }
        self.input.write_all(format!("{message}\0").as_bytes()).unwrap();
        loop {
            let mut bytes = Vec::new();
            self.output.read_until(0, &mut bytes).unwrap();
            bytes.pop();
            assert!(!bytes.is_empty(), "the browser has gone; {method}");
            let mut answer: Value = serde_json::from_slice(&bytes).unwrap();
            if answer["id"] != self.n_sent {
                self.events.push(answer);
            } else {
                assert!(answer["error"].is_null(), "{method}: {answer}");
                return answer["result"].take();
            }
        }
    }

    /// The value of an expression in the page.
    #[track_caller]
    pub fn value(&mut self, expression: &str) -> Value {
        let parameters = json!({ "expression": expression, "awaitPromise": true, "returnByValue": true });
        let mut result = self.send("Runtime.evaluate", parameters);
        assert!(result["exceptionDetails"].is_null(), "{expression}: {result}");
        result["result"]["value"].take()
    }

    #[track_caller]
    pub fn text(&mut self, expression: &str) -> String {
        self.value(expression).as_str().unwrap_or_default().to_owned()
    }

    /// Waits until an expression is true.
    #[track_caller]
    pub fn wait_for(&mut self, expression: &str) {
        let start = Instant::now();
        while self.value(expression) != true {
            assert!(start.elapsed() < LIMIT, "never: {expression}");
            thread::sleep(TICK);
        }
    }

    #[track_caller]
    pub fn open(&mut self, file: &Path) {
        self.send("Page.navigate", json!({ "url": format!("file://{}", file.display()) }));
        self.wait_for("document.readyState === 'complete'");
    }

    /// Writes a text as one input, as a paste does.
    #[track_caller]
    pub fn insert(&mut self, text: &str) {
        self.send("Input.insertText", json!({ "text": text }));
    }

    /// Presses and releases a key, held together with Alt (1), Ctrl (2), Shift (8).
    #[track_caller]
    pub fn press(&mut self, key: &str, code: &str, modifiers: u8) {
        let number = match (key, key.chars().next()) {
            ("Tab", _) => 9,
            ("Escape", _) => 27,
            ("Backspace", _) => 8,
            // Numbers of signs are those of other keys.
            (_, Some(c)) if c.is_ascii_alphanumeric() => c.to_ascii_uppercase() as u32,
            _ => 0,
        };
        let text = if key.chars().count() == 1 && modifiers == 0 { key } else { "" };
        for kind in [if text.is_empty() { "rawKeyDown" } else { "keyDown" }, "keyUp"] {
            let text = if kind == "keyUp" { "" } else { text };
            let event = json!({
                "type": kind, "key": key, "code": code, "modifiers": modifiers, "text": text,
                "windowsVirtualKeyCode": number,
            });
            self.send("Input.dispatchKeyEvent", event);
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
