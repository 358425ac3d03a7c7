import ClipshipCLI
import Glibc

exit(await ClipshipProgram.run(Array(CommandLine.arguments.dropFirst())).rawValue)
