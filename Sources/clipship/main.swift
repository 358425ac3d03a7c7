import ClipshipCLI
import Glibc

let words = Array(CommandLine.arguments.dropFirst())
ClipshipProgram.becomeMediaWorker(ifWanted: words)
exit(await ClipshipProgram.run(words).rawValue)
