//! The repository's pages: every relative link leads somewhere, and every file that `ARCHITECTURE.md` names exists.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests may panic and read files")]

use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// All files and folders below `folder`, without what is hidden or built.
fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        if hidden || path.join("CACHEDIR.TAG").exists() || entry.file_name() == "target" {
            continue;
        }
        let is_folder = entry.file_type().unwrap().is_dir();
        found.push(path.clone());
        if is_folder {
            walk(&path, found);
        }
    }
}

fn everything() -> Vec<PathBuf> {
    let mut found = Vec::new();
    walk(&root(), &mut found);
    assert!(found.len() > 100, "the repository was not found");
    found
}

/// The text outside fenced code blocks.
fn prose(page: &Path) -> String {
    let mut fenced = false;
    let mut kept = String::new();
    for line in std::fs::read_to_string(page).unwrap().lines() {
        if line.trim_start_matches(['>', ' ']).starts_with("```") {
            fenced = !fenced;
        } else if !fenced {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    assert!(!fenced, "{}: a code block is not closed", page.display());
    kept
}

/// Headings as GitHub names them: lower case, spaces as hyphens, punctuation dropped.
fn anchors(page: &Path) -> Vec<String> {
    let slug = |title: &str| {
        title
            .trim()
            .to_lowercase()
            .chars()
            .filter(|c| c.is_alphanumeric() || " -_".contains(*c))
            .map(|c| if c == ' ' { '-' } else { c })
            .collect()
    };
    prose(page)
        .lines()
        .filter(|line| line.starts_with('#'))
        .map(|line| slug(line.trim_start_matches('#')))
        .collect()
}

/// The targets of `[text](target)` and `![text](target)`, code spans left out.
fn links(text: &str) -> Vec<&str> {
    let outside_code = text.split('`').step_by(2);
    outside_code
        .flat_map(|part| {
            part.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target)
        })
        .collect()
}

#[test]
fn every_relative_link_leads_somewhere() {
    let pages: Vec<_> =
        everything().into_iter().filter(|p| p.extension().is_some_and(|e| e == "md")).collect();
    let mut broken = Vec::new();
    let mut checked = 0;
    for page in &pages {
        // A code span in a link's text would hide the link: its backticks are taken out first.
        let text = prose(page).replace("[`", "[").replace("`]", "]");
        for target in text.lines().flat_map(links).filter(|t| !t.contains("://") && !t.starts_with("mailto:"))
        {
            let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
            let file = if file.is_empty() { page.clone() } else { page.parent().unwrap().join(file) };
            let there = file.exists() && (anchor.is_empty() || anchors(&file).iter().any(|a| a == anchor));
            checked += 1;
            if !there {
                broken.push(format!("{}: {target}", page.strip_prefix(root()).unwrap().display()));
            }
        }
    }
    assert!(checked > 20, "only {checked} links were found");
    assert!(broken.is_empty(), "broken links:\n{}", broken.join("\n"));
}

/// A name such as `core/order/<kind>/machine.rs` stands for a path that ends so, with `src` left out and `<…>` for any
/// one segment.
#[test]
fn every_file_that_the_architecture_names_exists() {
    let without_src = |path: &Path| -> Vec<String> {
        path.iter().map(|s| s.to_string_lossy().into_owned()).filter(|s| s != "src").collect()
    };
    let root = root();
    let paths: Vec<_> = everything().iter().map(|p| without_src(p.strip_prefix(&root).unwrap())).collect();
    let ends_so = |path: &[String], name: &[String]| {
        path.len() >= name.len()
            && path[path.len() - name.len()..].iter().zip(name).all(|(p, n)| n.starts_with('<') || p == n)
    };
    let text = prose(&root.join("ARCHITECTURE.md"));
    let is_name = |span: &&str| {
        let plain = span.chars().all(|c| c.is_alphanumeric() || "_-./<>".contains(c));
        let file = [".rs", ".md", ".toml", ".sql", ".proto", ".py"].iter().any(|end| span.ends_with(end));
        plain && (file || span.contains('/'))
    };
    let spans = text.lines().flat_map(|line| line.split('`').skip(1).step_by(2));
    let names: Vec<_> = spans.filter(is_name).collect();
    assert!(names.len() > 20, "only {} names were found", names.len());
    let missing: Vec<_> = names
        .into_iter()
        .filter(|name| {
            let name = without_src(Path::new(name.trim_end_matches('/')));
            !paths.iter().any(|path| ends_so(path, &name))
        })
        .collect();
    assert!(missing.is_empty(), "ARCHITECTURE.md names what is not there: {missing:?}");
}
