import ClipshipCLI
import Glibc

ClipshipProgram.settle()
exit(await ClipshipProgram.run(Array(CommandLine.arguments.dropFirst())).rawValue)
