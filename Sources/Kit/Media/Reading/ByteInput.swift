import CAV
import KitCore

/// Bytes in memory or of a file as an input of libavformat. It must live as long as the context that reads it.
final class ByteInput {
    private(set) var context: UnsafeMutablePointer<AVIOContext>?
    private let count: Int
    /// Copies bytes from a place to a target that does not extend beyond the end. Returns their number, or a negative errno.
    private let copy: (_ place: Int, _ target: UnsafeMutableRawBufferPointer) -> Int
    private var place = 0

    convenience init(_ bytes: [UInt8]) throws {
        try self.init(count: bytes.count) { place, target in
            target.copyBytes(from: bytes[place..<place + target.count])
            return target.count
        }
    }

    convenience init(_ file: FileBytes) throws { try self.init(count: file.count, file.read) }

    private init(count: Int, _ copy: @escaping (Int, UnsafeMutableRawBufferPointer) -> Int) throws {
        (self.count, self.copy) = (count, copy)
        let room = 1 << 16
        let buffer = av_malloc(room)?.assumingMemoryBound(to: UInt8.self)
        context = avio_alloc_context(
            buffer, Int32(room), 0, Unmanaged.passUnretained(self).toOpaque(),
            { opaque, target, count in
                let input: ByteInput = Unmanaged.fromOpaque(opaque!).takeUnretainedValue()
                return input.read(UnsafeMutableRawBufferPointer(start: target, count: Int(count)))
            }, nil,
            { opaque, offset, whence in
                let input: ByteInput = Unmanaged.fromOpaque(opaque!).takeUnretainedValue()
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
        if Interrupt.mustStop { return AVLibrary.exitRequested }
        let wanted = min(target.count, count - place)
        guard wanted > 0 else { return AVLibrary.endOfFile }
        let read = copy(place, UnsafeMutableRawBufferPointer(rebasing: target[..<wanted]))
        guard read != 0 else { return AVLibrary.endOfFile }
        place += max(0, read)
        return Int32(read)
    }

    private func seek(_ offset: Int, _ whence: Int32) -> Int64 {
        if whence & AVSEEK_SIZE != 0 { return Int64(count) }
        let start = [SEEK_SET: 0, SEEK_CUR: place, SEEK_END: count][whence & ~AVSEEK_FORCE]
        guard let start, 0...count ~= start + offset else { return -Int64(EINVAL) }
        place = start + offset
        return Int64(place)
    }
}
