//! What a shell of a device promises: its own commands, flags and paths, written as they are, and nothing else.

use embedded_gpt::{
    Aligned, Buffers, Config, Keys, Model, Session, Shell, SuggestOptions, Suggester, Suggestion, Workspace,
    include_model,
};

static DEMO: &Aligned<[u8]> = include_model!("../models/demo.egpt");
const CONFIG: Config = Config::of(&DEMO.0);
type Ram = Workspace<{ CONFIG.kv_words(64) }, { CONFIG.scratch_words(64) }>;

/// The commands of a device, and what may follow each.
const SHELL: [(&str, &[&str]); 14] = [
    ("help", &["adc", "boot", "can", "fs", "gpio", "i2c", "log", "net", "spi", "wifi"]),
    ("adc", &["--all", "--raw", "--average=", "--channel=", "-n"]),
    ("gpio", &["read", "write", "toggle", "PA0", "PA1", "PB12", "--pull-up", "--pull-down", "--open-drain"]),
    ("i2c", &["scan", "read", "write", "--address=", "--bus=", "--speed=400k"]),
    ("cat", &["/etc/hosts", "/etc/wifi.conf", "/var/log/boot.log", "/var/log/crash.log", "/proc/meminfo"]),
    ("ls", &["/etc/", "/var/", "/proc/", "-l", "-a", "--size"]),
    ("log", &["--follow", "--level=debug", "--level=info", "--since=boot", "clear", "show"]),
    ("net", &["up", "down", "status", "--interface=eth0", "--interface=wlan0", "--dhcp", "--static"]),
    ("wifi", &["scan", "connect", "disconnect", "--ssid=", "--psk=", "--hidden"]),
    ("reboot", &["--now", "--bootloader", "--factory-reset"]),
    ("flash", &["erase", "write", "verify", "/firmware/app.bin", "/firmware/boot.bin", "--offset="]),
    ("set", &["led.mode=", "led.color=", "pump_1.speed=", "pump_2.speed=", "temp.max=", "temp.min="]),
    ("top", &["-d", "--delay=", "--once"]),
    ("uptime", &[]),
];

fn commands() -> Vec<&'static str> {
    SHELL.map(|(command, _)| command).to_vec()
}

/// The words offered for a line of a shell with a list, of which no other may be.
fn offered(suggester: &mut Suggester<'_, Shell<'static>>, line: &str, list: &'static [&'static str]) -> Vec<String> {
    suggester.set_keyboard(Shell::with_words(list));
    let mut slots = [Suggestion::EMPTY; 3];
    let words: Vec<_> = suggester.suggest(line, &mut slots).iter().map(|word| word.as_str().to_owned()).collect();
    assert!(words.iter().all(|word| list.contains(&word.as_str())), "{line:?}: {words:?}");
    words
}

fn with_shell(test: impl FnOnce(&mut Suggester<'_, Shell<'static>>)) {
    let model = Model::parse(&DEMO.0).unwrap();
    let mut ram = Box::new(Ram::new());
    let session = Session::new(&model, 64, ram.buffers()).unwrap();
    test(&mut Suggester::with_keyboard(session, SuggestOptions::DEFAULT, Shell::ANY));
}

#[test]
fn what_the_device_knows_is_offered_after_two_characters() {
    with_shell(|suggester| {
        let mut found = [0; 2];
        let mut all = [0; 2];
        let mut try_one = |kind: usize, line: &str, list, meant: &str| {
            let is_there = offered(suggester, line, list).iter().any(|word| word == meant);
            (all[kind], found[kind]) = (all[kind] + 1, found[kind] + usize::from(is_there));
        };
        let commands: &'static [&'static str] = commands().leak();
        for (command, list) in SHELL {
            if command.len() > 2 {
                try_one(0, &command[..2], commands, command);
            }
            for word in list.iter().filter(|word| word.len() > 2) {
                try_one(1, &format!("{command} {}", &word[..2]), list, word);
            }
        }
        let percent = [0, 1].map(|kind| 100 * found[kind] / all[kind]);
        println!("{found:?} of {all:?}: {percent:?} %");
        assert!(percent[0] == 100 && percent[1] >= 80, "{found:?} of {all:?}");
    });
}

#[test]
fn words_are_written_as_in_the_list() {
    const LIST: &[&str] = &["Makefile", "--Verbose", "/etc/Hosts", "temp_1.max=", "größe", "-R"];
    with_shell(|suggester| {
        for (line, word) in [
            ("", "Makefile"),
            ("make", "Makefile"),
            ("MAKE", "Makefile"),
            ("Foo. --v", "--Verbose"),
            ("cat /ETC/h", "/etc/Hosts"),
            ("set temp_1", "temp_1.max="),
            ("set gr", "größe"),
            ("ls -", "-R"),
            ("ls|ma", "Makefile"),
            ("ls;", "Makefile"),
        ] {
            assert!(offered(suggester, line, LIST).iter().any(|offered| offered == word), "{line:?}");
        }
        let mut slots = [Suggestion::EMPTY; 3];
        let [set, hosts] = ["set temp_1", "cat /e"].map(|line| suggester.suggest(line, &mut slots)[0]);
        assert!(!set.takes_space() && hosts.takes_space());
        assert!(offered(suggester, "make x", LIST).is_empty());
        assert!(offered(suggester, "make 'a", &["b"]).is_empty());
    });
}

#[test]
fn a_list_is_as_good_as_the_words_in_it() {
    with_shell(|suggester| {
        assert!(offered(suggester, "", &["", "\u{1F600}", "a b", "x\0", "|"]).is_empty());
        let long: &'static str = "x".repeat(31).leak();
        let too_long: &'static str = "y".repeat(32).leak();
        let list: &'static [&'static str] = vec![too_long, long, long].leak();
        assert_eq!(offered(suggester, "", list), [long]);
        let many: Vec<&'static str> = (0..2000).map(|i| &*format!("w{i}").leak()).collect();
        let many: &'static [&'static str] = many.leak();
        assert_eq!(offered(suggester, "w199", many).len(), 3);
        assert_eq!(offered(suggester, "", many).len(), 3);
        const GREEK: &[&str] = &["\u{3B1}\u{3B2}1", "\u{3B1}\u{3B2}2"];
        assert_eq!(offered(suggester, "x \u{3B1}", GREEK).len(), 2, "of which the model knows nothing");
    });
}

#[test]
fn without_a_list_words_are_the_model_s() {
    static KEYBOARD: &Aligned<[u8]> = include_model!("../models/keyboard.egpt");
    let model = Model::parse(&KEYBOARD.0).unwrap();
    let (mut kv, mut scratch) = (vec![0; model.config().kv_words(64)], vec![0; model.config().scratch_words(64)]);
    let buffers = Buffers { kv: &mut kv, scratch: &mut scratch };
    let session = Session::new(&model, 64, buffers).unwrap();
    let mut suggester = Suggester::with_keyboard(session, SuggestOptions::DEFAULT, Shell::ANY);
    let mut slots = [Suggestion::EMPTY; 3];
    let words: Vec<_> = suggester.suggest("Hi. tha", &mut slots).iter().map(|word| word.as_str().to_owned()).collect();
    assert!(words.len() == 3 && words.contains(&"thanks".into()), "no capital after a full stop: {words:?}");
    assert!(suggester.suggest("Hi. TH", &mut slots)[0].as_str().starts_with("th"));
}

#[test]
fn slips_are_found_in_a_shell_too() {
    let model = Model::parse(&DEMO.0).unwrap();
    let mut ram = Box::new(Ram::new());
    let session = Session::new(&model, 64, ram.buffers()).unwrap();
    let keyboard = Shell::with_words(&["reboot", "read", "help"]).on(Keys::QWERTY);
    let mut suggester = Suggester::with_keyboard(session, SuggestOptions::DEFAULT, keyboard);
    let mut slots = [Suggestion::EMPTY; 3];
    assert_eq!(suggester.suggest("rebopt", &mut slots)[0].as_str(), "reboot");
    assert_eq!(suggester.suggest("hrlp", &mut slots)[0].as_str(), "help");
}

#[test]
fn another_list_counts_at_once() {
    with_shell(|suggester| {
        assert_eq!(offered(suggester, "read a", &["adc0"]), ["adc0"]);
        assert_eq!(offered(suggester, "read a", &["all"]), ["all"]);
        let fresh = offered(suggester, "read ad", &["adc0", "adc1"]);
        with_shell(|other| assert_eq!(offered(other, "read ad", &["adc0", "adc1"]), fresh));
    });
}
