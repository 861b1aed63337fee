//! `ossbind-emulator receive`.

use std::error::Error;
use std::net::SocketAddr;

use ossbind_emulator::{Answer, Log, Receiver, ReceiverOptions};

use crate::arguments::ReceiveArguments;
use crate::exports;
use crate::ready::{EndSignals, announce};

pub(crate) fn run(arguments: ReceiveArguments) -> Result<(), Box<dyn Error>> {
    let signals = EndSignals::catch()?;
    let receiver = Receiver::start(ReceiverOptions {
        address: SocketAddr::new(arguments.bind, arguments.port),
        answer: Answer { status: arguments.status, ..Answer::json(arguments.answer) },
        key_url_prefixes: arguments.key_url_prefixes,
        log: Log::Stdout,
        ..ReceiverOptions::default()
    })?;
    let exports = exports::of_application_server(&receiver.url("/"));
    let ready_file = arguments.ready_file.as_deref();
    announce(&receiver.url(""), receiver.address(), &exports, ready_file)?;
    signals.wait();
    Ok(())
}
