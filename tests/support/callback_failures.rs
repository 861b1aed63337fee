//! Every way in which a callback fails after the object is stored (spec: callback.md 8.2).

use ossbind_emulator::Answer;

use super::local_oss::LocalOss;

/// What goes wrong.
pub enum Cause {
    /// The application server answers like this.
    Answer(Answer),
    /// Nothing listens at the callback URL.
    NobodyThere,
    /// It happens inside the service, so the local OSS is told to say it.
    Service,
}

/// One way to fail, and what the service says.
pub struct CallbackFailure {
    pub cause: Cause,
    /// Part of the message.
    pub message: &'static str,
    pub ec: &'static str,
}

impl CallbackFailure {
    /// Makes the next callback fail, and gives the URL that it must go to.
    pub fn provoke(&self, oss: &LocalOss) -> String {
        match &self.cause {
            Cause::Answer(answer) => oss.receiver.answer_next_with(answer.clone()),
            Cause::NobodyThere => {
                let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
                return format!("http://{}/", listener.local_addr().unwrap());
            }
            Cause::Service => oss.emulator.fail_next_callback(self.message, self.ec),
        }
        oss.callback_url()
    }
}

/// All messages of the reference.
pub fn all() -> Vec<CallbackFailure> {
    let answer =
        |answer, message, ec| CallbackFailure { cause: Cause::Answer(answer), message, ec };
    let service = |message, ec| CallbackFailure { cause: Cause::Service, message, ec };
    vec![
        answer(Answer::status(502), "Error status : 502.", "0007-00000203"),
        answer(Answer::status(301), "Error status : 301.", "0007-00000203"),
        CallbackFailure {
            cause: Cause::NobodyThere,
            message: "Error status : -1",
            ec: "0007-00000204",
        },
        service(
            "Error status : -1 8.8.8.8:9090 reply timeout, cost:5000ms, timeout:5000ms (x)",
            "0007-00000204",
        ),
        service("Cost too long time.", "0007-00000202"),
        service("Too many callback requests.", "0007-00000201"),
        answer(Answer::json("no json"), "Response body is not valid json format.", "0007-00000205"),
        answer(
            Answer::json("{}").with_bom(),
            "Response body is not valid json format.",
            "0007-00000205",
        ),
        answer(
            Answer::json("{}").without_content_length(),
            "Error Status : 400.User server missing content-length.",
            "0007-00000206",
        ),
        answer(
            Answer::json("{}").with_content_length("-1"),
            "Error Status : 400.User server return invalid conent-length value.",
            "0007-00000206",
        ),
        answer(
            Answer::oversized(),
            "Error Status : 400.User server return too long content-length value.",
            "0007-00000206",
        ),
        service("Get image info failed.", "0007-00000302"),
    ]
}
