use super::*;
use crate::workspace;

const NEXT: &str = "9.8.7";
const DATE: &str = "2026-02-03";

/// A clone of the repository that is gone afterwards; `None` where there is no git repository to clone.
struct Clone {
    root: PathBuf,
}

impl Clone {
    fn new(name: &str) -> Option<Self> {
        let from = workspace::root();
        if !from.join(".git").exists() {
            return None;
        }
        let root = env::temp_dir().join(format!("embedded-gpt-clone-{name}-{}", std::process::id()));
        let (from, to) = (from.display().to_string(), root.display().to_string());
        git(&env::temp_dir(), &["clone", "--quiet", "--no-tags", &from, &to]).unwrap();
        let clone = Self { root };
        for (key, value) in [("user.name", "A"), ("user.email", "a@example.org"), ("commit.gpgsign", "false")] {
            git(&clone.root, &["config", key, value]).unwrap();
        }
        // Where the copy has all that is tested, and something to tell.
        fs::write(clone.root.join("CHANGELOG.md"), "# Changelog\n\n## Unreleased\n\n### Added\n\n- b\n").unwrap();
        git(&clone.root, &["commit", "--quiet", "--all", "--message", "A change"]).unwrap();
        Some(clone)
    }

    fn refusal(&self, version: &str) -> String {
        format!("{:#}", Release::plan(&self.root, version, DATE).unwrap_err())
    }
}

impl Drop for Clone {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.root);
    }
}

#[test]
fn a_release_is_shown_then_committed_with_its_tag() {
    let Some(clone) = Clone::new("release") else { return };
    let root = &clone.root;
    let before = git(root, &["rev-parse", "HEAD"]).unwrap();
    let (old, _) = versions::current(root).unwrap();
    let release = Release::plan(root, NEXT, DATE).unwrap();
    let diff = release.diff().unwrap();
    for line in [format!("-version = \"{old}\""), format!("+version = \"{NEXT}\""), format!("+## {NEXT} - {DATE}")] {
        assert!(diff.contains(&line), "{line} is not in\n{diff}");
    }
    // Until then nothing is written.
    assert_eq!(git(root, &["status", "--porcelain"]).unwrap(), "");
    let error = release.commit(|| bail!("no library")).unwrap_err().to_string();
    assert!(error.contains("no library"), "{error}");
    assert_eq!(git(root, &["status", "--porcelain"]).unwrap(), "");
    assert_eq!(git(root, &["rev-parse", "HEAD"]).unwrap(), before);

    release.commit(|| Ok(())).unwrap();
    assert_eq!(versions::current(root).unwrap().0, NEXT);
    assert_eq!(git(root, &["status", "--porcelain"]).unwrap(), "");
    let tagged = git(root, &["tag", "--list", "-n9", "--format=%(contents)"]).unwrap();
    assert_eq!(tagged.trim(), format!("{NEXT}\n\n### Added\n\n- b"));
    assert_eq!(git(root, &["log", "-1", "--format=%s"]).unwrap().trim(), format!("Release {NEXT}"));
    for lock in git(root, &["ls-files", "Cargo.lock", "*/Cargo.lock"]).unwrap().lines() {
        let text = fs::read_to_string(root.join(lock)).unwrap();
        assert!(
            text.contains(&format!("name = \"embedded-gpt\"\nversion = \"{NEXT}\"")) || lock.contains("peers"),
            "{lock}"
        );
    }
    assert!(clone.refusal(NEXT).contains("there is a tag v9.8.7"));
    assert!(clone.refusal("9.8.6").contains("lower than 9.8.7"));
}

#[test]
fn open_changes_and_a_version_that_differs_stop_a_release() {
    let Some(clone) = Clone::new("no-release") else { return };
    assert!(clone.refusal("next").contains("three numbers"));
    let manifest = clone.root.join("tools/Cargo.toml");
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, text.replace("version.workspace = true", "version = \"7.0.0\"")).unwrap();
    assert!(clone.refusal(NEXT).contains("tools/Cargo.toml"));
    git(&clone.root, &["commit", "--quiet", "--all", "--message", "Another version"]).unwrap();
    assert!(clone.refusal(NEXT).contains("7.0.0"), "{}", clone.refusal(NEXT));
}
