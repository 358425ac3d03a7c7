import ClipshipCLI
import Glibc

ClipshipProgram.settle()
let words = ClipshipProgram.words
if let code = ClipshipProgram.shortage(for: words) { exit(code.rawValue) }
exit(await ClipshipProgram.run(words).rawValue)
