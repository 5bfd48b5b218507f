//! The program `ruapi`: the APIs of the ruapi clients from a shell.

mod cherehapa;
mod date;
mod demo;
mod epgu;
mod exit;
mod files;
mod global;
mod interrupt;
mod nsso;
mod osago;
mod output;
mod sandbox;
mod shtrafovnet;
mod wait;

use std::ffi::OsString;
use std::process::ExitCode;
use std::sync::Arc;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, Parser, Subcommand};
use clap_complete::Shell;
use ruapi_sandbox::Sandbox;

use exit::Failure;
use global::{Format, Global};

/// Russian insurance, fines and government APIs from a shell.
#[derive(Parser)]
#[command(name = "ruapi", version, after_help = exit::HELP)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// NSSO (api-cloud.ru): is this car or this OSAGO policy insured
    Nsso {
        #[command(subcommand)]
        command: nsso::Command,
    },
    /// Shtrafovnet for webmasters: users, their cars, fines (штрафы) and payments
    Shtrafovnet(Box<shtrafovnet::Args>),
    /// OSAGO partner API of Yandex: ask a partner for offers and policies, and check its end point
    Osago(Box<osago::Args>),
    /// EPGU (Госуслуги): applications filed, followed, cancelled; dictionaries; files
    Epgu(Box<epgu::Args>),
    /// Cherehapa (cherehapa.ru), travel insurance: what saved answers say; sends nothing
    Cherehapa {
        #[command(subcommand)]
        command: cherehapa::Command,
    },
    /// Serve all APIs on loopback until Ctrl-C, for tests in any language
    Sandbox(sandbox::Args),
    /// Show the main flow of each API against the embedded sandbox; sends nothing to the internet
    Demo,
    /// Print the shell's completion script
    Completions {
        /// The shell to complete in
        shell: Shell,
    },
}

fn main() -> ExitCode {
    // The default message quotes the panic's text, which may hold what the caller sent.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        output::diagnostic(&format!(
            "error: a bug in ruapi ({}); please report it",
            place.unwrap_or_default()
        ));
    }));
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let code = match runtime {
        Ok(runtime) => {
            let code = runtime.block_on(execute(std::env::args_os(), None));
            // Whatever still runs (a name being looked up) must not delay the end.
            runtime.shutdown_background();
            code
        }
        Err(error) => {
            let failure = Failure::local("cannot start", &error);
            failure.show(Format::Human);
            failure.exit_code()
        }
    };
    ExitCode::from(code)
}

/// Runs one command line, shows its error, and gives its exit code. `--sandbox` then asks `sandbox`
/// if there is one, instead of one of its own.
async fn execute(arguments: impl Iterator<Item = OsString>, sandbox: Option<Arc<Sandbox>>) -> u8 {
    let arguments: Vec<OsString> = arguments.collect();
    let mut cli = match Cli::try_parse_from(&arguments) {
        Ok(cli) => cli,
        Err(error) => return refuse_arguments(error, &arguments),
    };
    cli.global.shared_sandbox = sandbox;
    let format = cli.global.format;
    match run(cli).await {
        Ok(code) => code,
        Err(failure) => {
            failure.show(format);
            failure.exit_code()
        }
    }
}

async fn run(cli: Cli) -> Result<u8, Failure> {
    match cli.command {
        Command::Nsso { command } => command.run(&cli.global).await,
        Command::Shtrafovnet(args) => args.run(&cli.global).await,
        Command::Osago(args) => args.run(&cli.global).await,
        Command::Epgu(args) => args.run(&cli.global).await,
        Command::Cherehapa { command } => command.run(cli.global.format),
        Command::Sandbox(args) => sandbox::serve(&args).await.map(|()| exit::OK),
        // Boxed, because the demo executes command lines like this one.
        Command::Demo => Box::pin(demo::run()).await.map(|()| exit::OK),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "ruapi", &mut script);
            output::bytes(&script).map(|()| exit::OK)
        }
    }
}

/// No option is longer, and every token is.
const LONGEST_OPTION: usize = 24;

/// Whether a word may be shown: an option with a typing error, not a value behind one without a space.
fn is_option(word: &str) -> bool {
    let is_of_options = |byte: u8| byte.is_ascii_lowercase() || byte == b'-';
    word.starts_with('-') && word.len() <= LONGEST_OPTION && word.bytes().all(is_of_options)
}

/// Help, version, or arguments that make no command.
fn refuse_arguments(mut error: clap::Error, arguments: &[OsString]) -> u8 {
    // A word in the wrong place may be a plate or a token; an option with a typing error is short.
    let typed = match error.kind() {
        ErrorKind::UnknownArgument => ContextKind::InvalidArg,
        ErrorKind::InvalidSubcommand => ContextKind::InvalidSubcommand,
        _ => ContextKind::InvalidValue,
    };
    if let Some(ContextValue::String(word)) = error.get(typed) {
        if !is_option(word) {
            error.insert(typed, ContextValue::String("***".to_owned()));
        }
    }
    // The format is not known yet when the arguments are wrong, so it is looked for here.
    let json = arguments.iter().any(|argument| argument == "--format=json")
        || arguments.windows(2).any(|pair| pair[0] == "--format" && pair[1] == "json");
    if error.use_stderr() && json {
        let text = error.render().to_string();
        let message = match error.kind() {
            // Its text is the help.
            ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
                "a command is missing: see --help"
            }
            _ => text.trim_start_matches("error: ").split("\n\n").next().unwrap_or_default(),
        };
        Failure::input(message).show(Format::Json);
    } else {
        // Fails only if nobody reads it any more.
        let _ = error.print();
    }
    if error.use_stderr() { exit::INPUT } else { exit::OK }
}
