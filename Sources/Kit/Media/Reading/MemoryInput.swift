import CAV
import KitCore

/// Bytes in memory as an input of libavformat. It must live as long as the context that reads it.
final class MemoryInput {
    private(set) var context: UnsafeMutablePointer<AVIOContext>?
    private let bytes: [UInt8]
    private var place = 0

    init(_ bytes: [UInt8]) throws {
        self.bytes = bytes
        let room = 1 << 16
        let buffer = av_malloc(room)?.assumingMemoryBound(to: UInt8.self)
        context = avio_alloc_context(
            buffer, Int32(room), 0, Unmanaged.passUnretained(self).toOpaque(),
            { opaque, target, count in
                let input: MemoryInput = Unmanaged.fromOpaque(opaque!).takeUnretainedValue()
                return input.read(UnsafeMutableRawBufferPointer(start: target, count: Int(count)))
            }, nil,
            { opaque, offset, whence in
                let input: MemoryInput = Unmanaged.fromOpaque(opaque!).takeUnretainedValue()
                return input.seek(Int(offset), whence)
            })
        guard context != nil else {
            av_free(buffer)
            throw KitError(.internalFault, "no memory to read")
        }
    }

    deinit {
        av_free(context?.pointee.buffer)
        avio_context_free(&context)
    }

    private func read(_ target: UnsafeMutableRawBufferPointer) -> Int32 {
        let count = min(target.count, bytes.count - place)
        guard count > 0 else { return AVLibrary.endOfFile }
        target.copyBytes(from: bytes[place..<place + count])
        place += count
        return Int32(count)
    }

    private func seek(_ offset: Int, _ whence: Int32) -> Int64 {
        if whence & AVSEEK_SIZE != 0 { return Int64(bytes.count) }
        let start = [SEEK_SET: 0, SEEK_CUR: place, SEEK_END: bytes.count][whence & ~AVSEEK_FORCE]
        guard let start, 0...bytes.count ~= start + offset else { return -Int64(EINVAL) }
        place = start + offset
        return Int64(place)
    }
}
