//! An upload with a checkpoint. The same command goes on with it after a power cut: nothing is sent twice, nothing
//! is left at the service.

use std::fs;
use std::path::PathBuf;
use std::process::Output;

use ossbind_emulator::Operation;

use crate::disk::Recorder;
use crate::program::{LeftOut, Past, Place, Program, build, said};
use crate::support::local_oss::{BUCKET, LocalOss, PATIENCE};

/// Of the file that is uploaded; `c_examples/multipart_callback.c` makes parts of 1 MiB.
const PARTS: usize = 3;

pub struct Upload {
    program: PathBuf,
    content: Vec<u8>,
}

impl Upload {
    pub fn new(left_out: LeftOut) -> Self {
        Self {
            program: build(&["c_examples/multipart_callback.c"], left_out, "power-cut-upload"),
            content: (0..(PARTS << 20) - 777).map(|i| (i * 31 % 251) as u8).collect(),
        }
    }

    fn upload(&self, place: &Place<'_>) -> Output {
        let mut command = place.command(&self.program);
        command.args(["file", "checkpoints", place.run]);
        command.output().expect("the program can be run")
    }
}

impl Program for Upload {
    fn prepare(&self, place: &Place<'_>) {
        fs::write(place.path("file"), &self.content).expect("the disk has space");
        fs::create_dir_all(place.path("checkpoints")).expect("the disk has space");
    }

    fn run(&self, place: &Place<'_>, _: &Recorder) {
        let output = self.upload(place);
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    }

    fn judge(&self, place: &Place<'_>, _: &Past<'_>) -> Result<(), String> {
        let Place { oss, run: key, .. } = *place;
        let begun = parts_of_begun(oss);
        let was_completed = oss.content(key).is_some();
        let had_checkpoint = checkpoints(place).iter().any(|name| name.ends_with(".checkpoint"));
        let output = self.upload(place);
        let left = checkpoints(place);
        assert!(oss.emulator.wait_idle(PATIENCE));

        let fault = |what: &str| Err(format!("{what}: {}", said(&output)));
        match output.status.code() {
            Some(0) => {}
            // The answer to its callback is gone with the power.
            Some(1) if was_completed && said(&output).contains("stored by an earlier attempt") => {}
            _ => return fault("the program fails"),
        }
        if oss.content(key).as_ref() != Some(&self.content) {
            return fault("what is stored is not the file");
        }
        if parts_of_begun(oss) > 0 {
            return fault("the parts of an upload are left for ever");
        }
        if begun > 0 && oss.count(Operation::UploadPart) != PARTS - begun {
            return fault("parts are sent again");
        }
        if was_completed && had_checkpoint && oss.count(Operation::CompleteMultipartUpload) > 0 {
            return fault("it is completed again");
        }
        match left.is_empty() {
            true => Ok(()),
            false => fault(&format!("{left:?} is left")),
        }
    }
}

fn checkpoints(place: &Place<'_>) -> Vec<String> {
    let entries = fs::read_dir(place.path("checkpoints")).expect("the folder is there");
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// How many parts there are of uploads that have begun.
pub fn parts_of_begun(oss: &LocalOss) -> usize {
    let uploads = oss.emulator.multipart_uploads();
    uploads.iter().filter(|upload| upload.bucket == BUCKET).map(|upload| upload.parts.len()).sum()
}
