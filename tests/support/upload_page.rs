//! The example of an upload from a web page: its server, and a browser that has the page open.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use ossbind_emulator::{Cors, Operation, Options, RequestRecord};
use serde_json::{Value, json};

use super::local_oss::{LocalOss, PATIENCE};
use super::native::{Compiler, expect_success, out_dir, root};
use super::webdriver::Browser;

/// The web server of the example. Dropping it ends it.
#[derive(Debug)]
pub struct PageServer {
    process: Child,
    url: String,
}

impl PageServer {
    /// Waits until it says where it serves; gives the process when it ends instead.
    pub fn spawn(command: &mut Command) -> Result<Self, Child> {
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut url = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut url).unwrap();
        if url.is_empty() {
            return Err(process);
        }
        Ok(Self { process, url: url.trim_end().to_owned() })
    }

    /// `http://127.0.0.1:1234`, as browsers call the origin of the page.
    pub fn origin(&self) -> &str {
        self.url.strip_suffix('/').unwrap()
    }

    /// Makes it neither answer nor go away.
    pub fn freeze(&self) {
        let signal = format!("kill -STOP {}", self.process.id());
        expect_success(Command::new("sh").args(["-c", &signal]));
    }

    pub fn stop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }

    /// Sends these bytes, and gives all that comes back.
    pub fn answer_to(&self, request: &[u8]) -> String {
        let mut stream = self.connect();
        let mut answer = String::new();
        // A server that has had enough may reset the connection.
        let _ = stream.write_all(request);
        let _ = stream.read_to_string(&mut answer);
        answer
    }

    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.origin()["http://".len()..]).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }
}

impl Drop for PageServer {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The example, built once, under sanitizers: it is a server.
pub fn program(oss: &LocalOss) -> Command {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    let path = PROGRAM.get_or_init(|| {
        Compiler::cpp("c++11")
            .flag("-fsanitize=address,undefined")
            .flag("-fno-sanitize-recover=all")
            .build(&["cpp_examples/browser_upload/server.cpp"], "cpp-example-browser-upload")
    });
    let mut command = Command::new(path);
    oss.environment(&mut command);
    command.current_dir(root());
    command
}

/// A browser with the page open, and all that it talks to.
pub struct Site {
    pub browser: Browser,
    pub page: PageServer,
    pub oss: LocalOss,
}

impl Site {
    /// With a bucket whose CORS rule names the origin of the page.
    pub fn start() -> Self {
        Self::with(|origin| Options { cors: Cors::Origins(vec![origin]), ..Options::default() })
    }

    pub fn with(options: impl Fn(String) -> Options) -> Self {
        let (oss, page) = (0..20).find_map(|_| Self::serve(&options)).expect("a port is free");
        let browser = Browser::start();
        browser.open(&page.url);
        Self { browser, page, oss }
    }

    /// The service is told of the page before there is one, so the port has to be known. It is free
    /// now, and hardly ever taken a moment later.
    fn serve(options: &impl Fn(String) -> Options) -> Option<(LocalOss, PageServer)> {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let oss = LocalOss::with(options(format!("http://127.0.0.1:{port}")));
        let mut command = program(&oss);
        let page = PageServer::spawn(command.arg(port.to_string()));
        Some((oss, page.ok()?))
    }

    /// Chooses a file of this name and content, and sends it.
    pub fn send(&self, name: &str, content: &[u8]) {
        let path = self.browser.profile().join(name);
        std::fs::write(&path, content).unwrap();
        self.browser.choose_file("#file", &path);
        self.browser.click("#send");
    }

    /// Waits for the end of an upload, and gives what the page says it was.
    pub fn wait_for_end(&self) -> String {
        let script = r##"
            const underWay = ["asking", "uploading", "answering"];
            const outcome = document.querySelector("#outcome");
            return new Promise((resolve) => {
                const look = () => {
                    if (!underWay.includes(outcome.dataset.state)) resolve(outcome.dataset.state);
                };
                new MutationObserver(look).observe(outcome, { attributes: true });
                look();
            });"##;
        self.browser.run(script, &json!([])).as_str().unwrap().to_owned()
    }

    pub fn text(&self, selector: &str) -> String {
        let script = "return document.querySelector(arguments[0]).textContent;";
        self.browser.run(script, &json!([selector])).as_str().unwrap().to_owned()
    }

    /// A value from the list below the outcome.
    pub fn fact(&self, name: &str) -> String {
        let script = r##"
            const names = [...document.querySelectorAll("#facts dt")];
            return names.find((dt) => dt.textContent === arguments[0]).nextSibling.textContent;"##;
        self.browser.run(script, &json!([name])).as_str().unwrap().to_owned()
    }

    /// The words beside the three steps.
    pub fn words(&self) -> Value {
        let script = r#"return [...document.querySelectorAll(".word")].map((w) => w.textContent);"#;
        self.browser.run(script, &json!([]))
    }

    pub fn requests(&self, operation: Operation) -> Vec<RequestRecord> {
        let mut requests = self.oss.emulator.requests();
        requests.retain(|request| request.operation == Some(operation));
        requests
    }

    /// Limits how fast the browser sends; -1 for no limit.
    pub fn throttle(&self, bytes_per_second: i32) {
        self.browser.devtools("Network.enable", &json!({}));
        let conditions = json!({
            "offline": false,
            "latency": 0,
            "downloadThroughput": -1,
            "uploadThroughput": bytes_per_second,
        });
        self.browser.devtools("Network.emulateNetworkConditions", &conditions);
    }

    /// Keeps pictures of the window, for people to look at.
    pub fn keep_pictures(&self, name: &str) {
        let folder = out_dir().with_file_name("artefacts");
        std::fs::create_dir_all(&folder).unwrap();
        for scheme in ["light", "dark"] {
            let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
            self.browser.devtools("Emulation.setEmulatedMedia", &json!({ "features": features }));
            let path = folder.join(format!("browser-{name}-{scheme}.png"));
            std::fs::write(&path, self.browser.screenshot()).unwrap();
            // Not through a macro, whose output is kept back when the test succeeds.
            let line = format!("screenshot: {}\n", path.display());
            std::io::stderr().write_all(line.as_bytes()).unwrap();
        }
    }
}
