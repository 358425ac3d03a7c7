import ClipshipCLI
import Glibc

let words = Array(CommandLine.arguments.dropFirst())
ClipshipProgram.becomeMediaWorker(ifWanted: words)
let nursery = ClipshipProgram.nursery(for: words, CommandLine.unsafeArgv)
exit(await ClipshipProgram.run(words, nursery).rawValue)
