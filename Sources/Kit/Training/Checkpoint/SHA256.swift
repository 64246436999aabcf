import CAV
import Foundation

/// SHA-256 of bytes that arrive in pieces, by libavutil.
package final class SHA256 {
    private let context: OpaquePointer

    package init() {
        guard let context = av_sha_alloc(), av_sha_init(context, 256) == 0 else {
            preconditionFailure("libavutil has no SHA-256")
        }
        self.context = context
    }

    package func update(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.bindMemory(to: UInt8.self).baseAddress else { return }
        av_sha_update(context, start, bytes.count)
    }

    /// The digest of everything so far, in lower-case hexadecimal. Ends the computation.
    package func finish() -> String {
        var digest = [UInt8](repeating: 0, count: 32)
        av_sha_final(context, &digest)
        return digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    deinit { av_free(UnsafeMutableRawPointer(context)) }

    package static func digest(of data: some ContiguousBytes) -> String {
        let hash = SHA256()
        data.withUnsafeBytes { hash.update($0) }
        return hash.finish()
    }
}
