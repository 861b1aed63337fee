//! A headless Chromium, driven through chromedriver: as much of WebDriver as the tests need.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use ureq::Agent;

use super::local_oss::PATIENCE;
use super::native::out_dir;

/// What keeps it fast, quiet, and away from every network but the loopback.
const ARGUMENTS: [&str; 12] = [
    "--headless",
    // Tests run as root in containers, where neither the sandbox nor a large /dev/shm is to be had.
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-proxy-server",
    "--lang=en",
    "--window-size=900,1160",
];

/// The key that marks an element in JSON (W3C WebDriver, 12.1).
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A browser with one window and a profile of its own. Dropping it ends it.
pub struct Browser {
    driver: Driver,
    /// URL of the session.
    session: String,
    profile: PathBuf,
}

impl Browser {
    pub fn start() -> Self {
        static BROWSERS: AtomicU32 = AtomicU32::new(0);
        let number = BROWSERS.fetch_add(1, Ordering::Relaxed);
        let profile = out_dir().join(format!("browser.{}.{number}", std::process::id()));
        let mut arguments = ARGUMENTS.map(str::to_owned).to_vec();
        arguments.push(format!("--user-data-dir={}", profile.display()));
        let milliseconds = u64::try_from(PATIENCE.as_millis()).expect("a minute or so");
        let capabilities = json!({
            "browserName": "chrome",
            "timeouts": { "script": milliseconds, "pageLoad": milliseconds },
            "goog:chromeOptions": { "args": arguments },
        });
        let driver = Driver::start();
        let sessions = format!("{}/session", driver.url);
        let session =
            driver.post(&sessions, &json!({ "capabilities": { "alwaysMatch": capabilities } }));
        let id = session["sessionId"].as_str().expect("a session has an id");
        let session = format!("{sessions}/{id}");
        Self { driver, session, profile }
    }

    /// A folder that is gone with the browser.
    pub fn profile(&self) -> &Path {
        &self.profile
    }

    /// Loads a page, and what belongs to it.
    pub fn open(&self, url: &str) {
        self.post("url", &json!({ "url": url }));
    }

    pub fn click(&self, selector: &str) {
        let element = self.find(selector);
        self.post(&format!("element/{element}/click"), &json!({}));
    }

    /// Chooses a file as people do in the dialogue of a file input.
    pub fn choose_file(&self, selector: &str, path: &Path) {
        let element = self.find(selector);
        self.post(&format!("element/{element}/value"), &json!({ "text": path }));
    }

    /// Runs the body of a JavaScript function and, when it returns a promise, waits for that.
    pub fn run(&self, script: &str, arguments: &Value) -> Value {
        self.post("execute/sync", &json!({ "script": script, "args": arguments }))
    }

    /// A command of the DevTools protocol.
    pub fn devtools(&self, command: &str, parameters: &Value) {
        self.post("goog/cdp/execute", &json!({ "cmd": command, "params": parameters }));
    }

    /// A picture of the window, as PNG.
    pub fn screenshot(&self) -> Vec<u8> {
        let answer = self.driver.call(self.driver.agent.get(self.url("screenshot")).call());
        STANDARD.decode(answer.as_str().expect("Base64")).expect("Base64")
    }

    fn find(&self, selector: &str) -> String {
        let query = json!({ "using": "css selector", "value": selector });
        let element = self.post("element", &query);
        element[ELEMENT].as_str().expect("the id of an element").to_owned()
    }

    fn post(&self, command: &str, body: &Value) -> Value {
        self.driver.post(&self.url(command), body)
    }

    fn url(&self, command: &str) -> String {
        format!("{}/{command}", self.session)
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // It ends Chromium; without a driver, Chromium would stay.
        let ended = self.driver.agent.delete(&self.session).call();
        let _ = std::fs::remove_dir_all(&self.profile);
        assert!(ended.is_ok() || std::thread::panicking(), "{ended:?}");
    }
}

/// A running chromedriver.
struct Driver {
    process: Child,
    agent: Agent,
    url: String,
}

impl Driver {
    fn start() -> Self {
        let mut process = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .spawn()
            .expect("chromedriver is installed: make setup");
        let port = announced_port(&mut process);
        let config = Agent::config_builder()
            .proxy(None)
            .http_status_as_error(false)
            .timeout_global(Some(2 * PATIENCE));
        Self { process, agent: config.build().new_agent(), url: format!("http://127.0.0.1:{port}") }
    }

    fn post(&self, url: &str, body: &Value) -> Value {
        let request = self.agent.post(url).content_type("application/json");
        self.call(request.send(body.to_string()))
    }

    /// What a command gives; it must succeed.
    fn call(&self, answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Value {
        let mut answer = answer.expect("chromedriver answers");
        let text = answer.body_mut().with_config().limit(64 << 20).read_to_string();
        let mut document: Value = serde_json::from_str(&text.expect("a text")).expect("JSON");
        assert!(answer.status().is_success(), "{}", document["value"]["message"]);
        document["value"].take()
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Waits until the driver says where it listens.
fn announced_port(process: &mut Child) -> u16 {
    let output = BufReader::new(process.stdout.take().expect("it is piped"));
    let port = |line: String| line.strip_suffix('.')?.rsplit_once("port ")?.1.parse().ok();
    let lines = output.lines().map_while(Result::ok);
    lines.filter(|line| line.contains("successfully")).find_map(port).expect("chromedriver starts")
}
