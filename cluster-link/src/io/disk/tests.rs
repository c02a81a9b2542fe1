//! Crashes at each step of a save, damaged files, full disks.

use cib_model::CibVersion;

use super::*;

fn cib(epoch: u32) -> Cib {
    let mut cib = Cib::empty();
    cib.set_version(CibVersion { epoch, ..cib.version() });
    cib
}

fn epoch(cib: &Cib) -> String {
    cib.root().attr("epoch").unwrap().to_owned()
}

/// A folder with the CIBs of these epochs saved one after the other.
fn saved(epochs: &[u32]) -> (tempfile::TempDir, CibDisk) {
    let folder = tempfile::tempdir().unwrap();
    let mut disk = CibDisk::open(folder.path().join("cib")).unwrap();
    for epoch in epochs {
        assert_eq!(disk.save(&cib(*epoch), None).unwrap(), None);
    }
    (folder, disk)
}

/// Starts anew: epoch and problems.
fn restart(disk: &CibDisk) -> (Option<String>, Vec<String>) {
    let loaded = CibDisk::open(&disk.folder).unwrap().load().unwrap();
    (loaded.cib.as_ref().map(epoch), loaded.problems)
}

fn files(disk: &CibDisk) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(&disk.folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn what_is_saved_is_loaded_and_the_old_one_is_a_backup() {
    let (_folder, disk) = saved(&[]);
    assert_eq!(restart(&disk), (None, vec![]));
    let (_folder, disk) = saved(&[1, 2, 3]);
    assert_eq!(restart(&disk), (Some("3".to_owned()), vec![]));
    assert_eq!(
        files(&disk),
        [
            "cib-0.raw",
            "cib-0.raw.sig",
            "cib-1.raw",
            "cib-1.raw.sig",
            "cib.last",
            "cib.xml",
            "cib.xml.sig"
        ]
    );
    assert_eq!(fs::read_to_string(disk.path("cib.last")).unwrap(), "1");
    let mode = fs::metadata(disk.path("cib.xml")).unwrap().mode() & 0o777;
    assert_eq!(mode, 0o600);
}

#[test]
fn backups_go_round_after_a_hundred() {
    let epochs: Vec<u32> = (1..=103).collect();
    let (_folder, disk) = saved(&epochs);
    assert_eq!(files(&disk).iter().filter(|name| name.contains(".raw.sig")).count(), 100);
    fs::write(disk.path("cib.xml"), "").unwrap();
    assert_eq!(restart(&disk).0.as_deref(), Some("102"));
}

#[test]
fn a_crash_at_any_step_leaves_the_old_or_the_new() {
    // Before the first rename: both new files are complete, nothing else has happened.
    let (_folder, disk) = saved(&[1, 2]);
    let (text, signature) = store::image(&cib(3), None, Dialect::Pcmk3);
    disk.write_new(store::FILE, &text).unwrap();
    disk.write_new(store::SIGNATURE, &signature).unwrap();
    assert_eq!(restart(&disk), (Some("2".to_owned()), vec![]));
    assert!(!files(&disk).iter().any(|name| name.contains(".new")), "{:?}", files(&disk));
    // Half written.
    disk.write_new(store::FILE, &text[..40]).unwrap();
    assert_eq!(restart(&disk).0.as_deref(), Some("2"));
    // Between the two renames.
    disk.write_new(store::FILE, &text).unwrap();
    disk.write_new(store::SIGNATURE, &signature).unwrap();
    disk.back_up().unwrap();
    disk.rename_new(store::FILE).unwrap();
    let finished = vec!["an interrupted save of cib.xml was finished".to_owned()];
    assert_eq!(restart(&disk), (Some("3".to_owned()), finished));
    assert_eq!(restart(&disk), (Some("3".to_owned()), vec![]));
}

#[test]
fn a_damaged_file_gives_the_newest_valid_backup_and_is_kept() {
    for damage in
        ["", "<cib", "\u{0}\u{1}", "<cib admin_epoch=\"0\" epoch=\"9\" num_updates=\"0\"/>"]
    {
        let (_folder, disk) = saved(&[1, 2, 3]);
        fs::write(disk.path("cib.xml"), damage).unwrap();
        fs::write(disk.path("cib-1.raw"), damage).unwrap();
        let (epoch, problems) = restart(&disk);
        assert_eq!(epoch.as_deref(), Some("1"), "{damage:?}");
        assert!(problems.iter().any(|text| text.contains("kept as cib.auto.1")), "{problems:?}");
        assert!(problems.last().unwrap().starts_with("going on with cib-0.raw"), "{problems:?}");
        assert_eq!(fs::read_to_string(disk.path("cib.auto.1")).unwrap(), damage);
    }
}

#[test]
fn where_no_file_is_valid_nothing_is_begun_and_nothing_changed() {
    let (_folder, disk) = saved(&[1]);
    fs::write(disk.path("cib.xml"), "<cib").unwrap();
    let before = files(&disk);
    let error = CibDisk::open(&disk.folder).unwrap().load().unwrap_err();
    assert!(matches!(error, DiskError::Damaged { .. }));
    assert!(error.to_string().contains("cib.xml cannot be read"), "{error}");
    assert_eq!(files(&disk), before);
}

#[test]
fn a_missing_signature_is_accepted_and_a_lost_number_too() {
    let (_folder, disk) = saved(&[1, 2, 3]);
    fs::remove_file(disk.path("cib.xml.sig")).unwrap();
    assert_eq!(restart(&disk).0.as_deref(), Some("3"));
    fs::remove_file(disk.path("cib.last")).unwrap();
    fs::write(disk.path("cib.xml"), "").unwrap();
    assert_eq!(restart(&disk).0.as_deref(), Some("2"));
}

#[test]
fn a_file_changed_by_hand_is_kept_aside() {
    let (_folder, mut disk) = saved(&[1, 2]);
    fs::write(disk.path("cib.xml"), "<cib epoch=\"77\"/> by hand").unwrap();
    assert_eq!(disk.save(&cib(3), None).unwrap().as_deref(), Some("cib.auto.1"));
    assert!(fs::read_to_string(disk.path("cib.auto.1")).unwrap().ends_with("by hand"));
    assert_eq!(restart(&disk).0.as_deref(), Some("3"));
}

#[test]
fn a_full_disk_is_tried_again_and_nothing_is_lost() {
    let (_folder, disk) = saved(&[1, 2]);
    let folder = disk.folder.clone();
    let fill = || std::os::unix::fs::symlink("/dev/full", folder.join("cib.xml.new")).unwrap();
    let on_disk = || CibDisk { folder: folder.clone(), ours: None }.load().unwrap().cib.unwrap();
    let before = files(&disk);
    let mut saver = CibSaver::new(disk);
    fill();
    saver.handle_cib(cib(3), None, 10_000);
    let problem = saver.problem().unwrap();
    assert!(problem.starts_with("the configuration is not saved: cannot write"), "{problem}");
    assert!(problem.contains("No space left on device"), "{problem}");
    assert_eq!(saver.poll_timeout(), Some(11_000));
    assert_eq!(files(&saver.disk), before, "nothing half written is left");
    fill();
    saver.handle_cib(cib(4), None, 10_500);
    assert_eq!(saver.poll_timeout(), Some(11_000), "the pause is kept");
    saver.handle_timeout(11_000);
    assert_eq!(saver.poll_timeout(), Some(13_000), "and grows");
    assert_eq!(epoch(&on_disk()), "2");
    saver.handle_timeout(13_000);
    assert_eq!((saver.problem(), saver.poll_timeout()), (None, None));
    assert_eq!(epoch(&on_disk()), "4");
}
