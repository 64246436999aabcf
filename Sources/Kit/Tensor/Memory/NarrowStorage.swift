import CKernels
import KitCore

/// The values of a storage in bfloat16: half the memory, eight significant bits, a relative error of at most 2^-8 (2^-7
/// where the sign of a ReLU's input is preserved).
final class NarrowStorage {
    private let count: Int
    /// Two values in the space of one float.
    private let words: Storage
    private weak var restored: Storage?

    private static let grain = 1 << 15

    /// The existing one of a tensor's storage, or a new one.
    ///
    /// - Parameter map: the map that is computed from the tensor. If it ends in a ReLU, rounding keeps positive inputs
    ///   of the ReLU positive.
    static func of(_ tensor: Tensor, for map: ChannelMap?) -> NarrowStorage {
        let storage = tensor.storage
        if let narrow = storage.narrow { return narrow }
        let narrow = NarrowStorage(storage.count)
        if let map, map.isRectified, tensor.count == storage.count {
            narrow.fill(from: storage, keepingSignsOf: map)
        } else {
            narrow.fill(from: storage)
        }
        storage.narrow = narrow
        return narrow
    }

    private init(_ count: Int) {
        self.count = count
        words = Storage(count: (count + 1) / 2)
    }

    private func fill(from storage: Storage) {
        let (x, y) = (storage.pointer, halves)
        ThreadPool.shared.forEachRange(count, grain: Self.grain) {
            dk_active.pointee.narrow_to_bfloat16(x + $0.lowerBound, y + $0.lowerBound, $0.count)
        }
    }

    private func fill(from storage: Storage, keepingSignsOf map: ChannelMap) {
        let (x, y, channels, function) = (storage.pointer, halves, map.source.shape[-1], map.kernelArgument())
        ThreadPool.shared.forEachRange(count / channels, grain: ColumnSums.grain(channels)) {
            let start = $0.lowerBound * channels
            dk_active.pointee.narrow_keeping_signs(
                x + start, function.factor, function.offset, channels, $0.count, y + start)
        }
        withExtendedLifetime(map) {}
    }

    private var halves: UnsafeMutablePointer<UInt16> {
        UnsafeMutableRawPointer(words.pointer).assumingMemoryBound(to: UInt16.self)
    }

    /// The values as floats: the earlier copy, if it is still in use, or a new one.
    func wide() -> Storage {
        if let restored { return restored }
        let kept = RestoredValues.current
        kept?.latest = nil
        let storage = Storage(count: count)
        let (x, y) = (halves, storage.pointer)
        ThreadPool.shared.forEachRange(count, grain: Self.grain) {
            dk_active.pointee.widen_bfloat16(x + $0.lowerBound, y + $0.lowerBound, $0.count)
        }
        restored = storage
        if count <= RestoredValues.most { kept?.latest = storage }
        return storage
    }
}

/// The values that a backward pass restored last. The next op often needs the same ones: a convolution and the
/// normalisation before it keep the same tensor.
final class RestoredValues {
    fileprivate(set) var latest: Storage?

    /// More values than this are not kept: those of a network's first layers decide how much memory it needs.
    fileprivate static let most = 1 << 24

    /// The object whose `kept` is running on this thread.
    fileprivate static var current: RestoredValues? {
        local.pointer.map { Unmanaged<RestoredValues>.fromOpaque($0).takeUnretainedValue() }
    }

    private static let local = ThreadLocal()

    /// Runs `body`, in which the values restored last stay in memory.
    static func kept<Result>(during body: () throws -> Result) rethrows -> Result {
        let values = RestoredValues()
        return try withExtendedLifetime(values) {
            try local.with(Unmanaged.passUnretained(values).toOpaque(), body)
        }
    }
}
