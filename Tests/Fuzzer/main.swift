import Glibc
import ReaderChecks

// libFuzzer, guided by the coverage of the kit's own code: reads what it makes up with the reader that the variable
// DUBKIT_READER names. It is not an argument, since the fuzzer restarts itself with its own arguments. A broken promise
// ends the program, as a crash of the reader does, and is kept by it.

@_silgen_name("LLVMFuzzerRunDriver")
private func runFuzzer(
    _ count: UnsafeMutablePointer<Int32>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ input: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
) -> Int32

private let name = getenv("DUBKIT_READER").map { String(cString: $0) } ?? ""
private let found = ReaderCheck.all.first { $0.name == name }
if found == nil {
    print("DUBKIT_READER must be one of \(ReaderCheck.all.map(\.name).joined(separator: ", ")), but is '\(name)'")
    exit(64)
}
private var count = CommandLine.argc
private var arguments = CommandLine.unsafeArgv
exit(
    runFuzzer(&count, &arguments) { bytes, count in
        do {
            try found!.run(Array(UnsafeBufferPointer(start: bytes, count: count)))
        } catch {
            print(error)
            fflush(nil)
            abort()
        }
        return 0
    })
