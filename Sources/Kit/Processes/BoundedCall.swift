import Foundation
import KitCore

/// A call of Open MPI that returns when all ranks have made it, and knows no deadline itself.
enum BoundedCall {
    /// Makes the call. If it takes too long, ends this process, and the launcher then ends the others: nothing can make the
    /// call return.
    ///
    /// - Parameters:
    ///   - seconds: the deadline.
    ///   - what: what the ranks do together, for the message: "join".
    ///   - status: the exit code of a process that ends; 0 becomes 75, try again.
    ///   - call: returns Open MPI's error code.
    static func run(_ seconds: Double, _ what: String, status: Int32 = 0, _ call: () -> Int32) -> Int32 {
        let expiry = DispatchWorkItem {
            let text = "dubkit: some ranks did not \(what) within \(Int(seconds)) s (--peer-timeout)\n"
            FileHandle.standardError.write(Data(text.utf8))
            _exit(status == 0 ? KitError.Kind.tryAgain.rawValue : status)
        }
        // A deadline beyond the clock's range is none.
        DispatchQueue.global().asyncAfter(deadline: .now() + min(seconds, 1e9), execute: expiry)
        defer { expiry.cancel() }
        return call()
    }
}
