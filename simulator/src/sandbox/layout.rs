//! Where the sandbox keeps what, inside the folder it is given.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

/// Unix socket paths longer than this do not fit into the system's address structure.
const LONGEST_SOCKET_PATH: usize = 107;

/// The files of a sandbox.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    dir: PathBuf,
    ops_socket: PathBuf,
}

impl Layout {
    /// The files in `dir`, which is made if it is missing. `secrets/` is made anew readable for the owner alone.
    ///
    /// # Errors
    /// If the folder cannot be made.
    pub(super) fn create(dir: &Path) -> io::Result<Self> {
        fs::create_dir_all(dir)?;
        let dir = dir.canonicalize()?;
        let layout = Self { ops_socket: socket_path(&dir)?, dir };
        layout.create_secrets()?;
        Ok(layout)
    }

    /// `secrets/` again, after it was removed.
    pub(super) fn create_secrets(&self) -> io::Result<()> {
        fs::create_dir_all(self.secrets())?;
        fs::set_permissions(self.secrets(), Permissions::from_mode(0o700))
    }

    /// What the sandbox writes last: everything one needs to use it.
    pub(super) fn sandbox_json(&self) -> PathBuf {
        self.dir.join("sandbox.json")
    }

    /// The daemon's configuration.
    pub(super) fn config(&self) -> PathBuf {
        self.dir.join("sluiced.toml")
    }

    /// The daemon's log.
    pub(super) fn daemon_log(&self) -> PathBuf {
        self.dir.join("sluiced.log")
    }

    /// The daemon's database; SQLite keeps two more files beside it.
    pub(super) fn database(&self) -> PathBuf {
        self.dir.join("sluice.db")
    }

    /// The providers' books, saved when the sandbox stops.
    pub(super) fn provider_books(&self) -> PathBuf {
        self.dir.join("provider.json")
    }

    /// The sample merchant's books, saved when the sandbox stops.
    pub(super) fn merchant_books(&self) -> PathBuf {
        self.dir.join("merchant.json")
    }

    /// Held while a sandbox runs here.
    pub(super) fn lock(&self) -> PathBuf {
        self.dir.join("sandbox.lock")
    }

    /// The ops API's socket.
    pub(super) fn ops_socket(&self) -> &Path {
        &self.ops_socket
    }

    /// The folder of secrets.
    pub(super) fn secrets(&self) -> PathBuf {
        self.dir.join("secrets")
    }

    /// One secret.
    pub(super) fn secret(&self, name: &str) -> PathBuf {
        self.secrets().join(name)
    }

    /// The private key of the app with this index.
    pub(super) fn app_key(&self, index: usize) -> PathBuf {
        self.secret(&format!("app-{}.pem", index + 1))
    }

    /// The public key of the app with this index.
    pub(super) fn app_public_key(&self, index: usize) -> PathBuf {
        self.secret(&format!("app-{}.pub.pem", index + 1))
    }

    /// Removes what a former sandbox left, and nothing else.
    pub(super) fn clear(&self) -> io::Result<()> {
        let beside = |suffix: &str| {
            let mut path = self.database().into_os_string();
            path.push(suffix);
            PathBuf::from(path)
        };
        let books = [self.provider_books(), self.merchant_books()];
        let database = [self.database(), beside("-wal"), beside("-shm")];
        for path in books.into_iter().chain(database).chain([self.daemon_log()]) {
            remove_if_there(&path)?;
        }
        match fs::remove_dir_all(self.secrets()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => self.create_secrets(),
        }
    }

    /// Removes the socket, and its folder if that is not ours to keep.
    pub(super) fn remove_socket(&self) {
        let _ = remove_if_there(&self.ops_socket);
        if let Some(folder) = self.ops_socket.parent().filter(|folder| *folder != self.dir) {
            let _ = fs::remove_dir(folder);
        }
    }
}

/// The socket stands in the folder, or, where that makes too long a path, in a folder of its own under `/tmp`.
fn socket_path(dir: &Path) -> io::Result<PathBuf> {
    let path = dir.join("ops.sock");
    if path.as_os_str().len() <= LONGEST_SOCKET_PATH {
        return Ok(path);
    }
    let folder = tempfile::Builder::new().prefix("sluice-").tempdir_in("/tmp")?.keep();
    fs::set_permissions(&folder, Permissions::from_mode(0o700))?;
    Ok(folder.join("ops.sock"))
}

/// Writes a file that only the owner may read.
pub(super) fn write_secret(path: &Path, content: &str) -> io::Result<()> {
    remove_if_there(path)?;
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(content.as_bytes())
}

/// Writes a file so that a reader sees the old or the new one, never half of it; only the owner may read it.
pub(super) fn write_atomically(path: &Path, content: &str) -> io::Result<()> {
    let draft = path.with_extension("tmp");
    write_secret(&draft, content)?;
    File::open(&draft)?.sync_all()?;
    fs::rename(&draft, path)
}

/// Removes a file that may be missing.
pub(super) fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clearing_leaves_other_files_alone() {
        let dir = tempfile::tempdir().unwrap();
        let layout = Layout::create(dir.path()).unwrap();
        fs::write(dir.path().join("notes.txt"), "mine").unwrap();
        fs::write(layout.database(), "db").unwrap();
        write_secret(&layout.secret("operator.token"), "t").unwrap();
        layout.clear().unwrap();
        assert!(dir.path().join("notes.txt").exists());
        assert!(!layout.database().exists() && !layout.secret("operator.token").exists());
        assert_eq!(fs::metadata(layout.secrets()).unwrap().permissions().mode() & 0o777, 0o700);
    }

    #[test]
    fn a_deep_folder_gets_a_short_socket() {
        let dir = tempfile::tempdir().unwrap();
        let deep = dir.path().join("x".repeat(120));
        let layout = Layout::create(&deep).unwrap();
        assert!(layout.ops_socket().as_os_str().len() <= LONGEST_SOCKET_PATH);
        assert!(layout.ops_socket().starts_with("/tmp"));
        layout.remove_socket();
        assert!(!layout.ops_socket().parent().unwrap().exists());
    }

    #[test]
    fn secrets_are_the_owners_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.json");
        write_atomically(&path, "1").unwrap();
        write_atomically(&path, "2").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "2");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
