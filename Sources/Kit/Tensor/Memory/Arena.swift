import Glibc

/// One growing range of memory for large blocks. Each block takes a part of the smallest free range that fits, and
/// freed ranges merge with their neighbours. Backward can thus reuse the memory of forward, although its block sizes
/// differ.
///
/// The range uses huge pages if the system has them: one page fault for 2 MiB instead of 512, and fewer entries of the
/// processor's translation buffer.
struct Arena {
    static let hugePage = 2 << 20

    /// Free ranges in the order of their addresses. No two are adjacent.
    private var holes: [Range<Int>] = []
    /// The lowest address of the last allocation from the system. The range grows downwards from here.
    private var edge = 0

    var bytesFree: Int { holes.reduce(0) { $0 + $1.count } }

    /// Uninitialised bytes, a multiple of the page size; nil if memory is short.
    mutating func take(_ bytes: Int) -> UnsafeMutableRawPointer? {
        if let hole = bestFit(bytes) { return cut(hole, bytes) }
        guard let grown = grow(bytes) else { return nil }
        insert(grown)
        return bestFit(bytes).flatMap { cut($0, bytes) }
    }

    /// Whether `take` would succeed without a system call.
    func holds(_ bytes: Int) -> Bool { bestFit(bytes) != nil }

    mutating func give(_ memory: UnsafeMutableRawPointer, _ bytes: Int) {
        let start = Int(bitPattern: memory)
        insert(start..<start + bytes)
    }

    /// Returns all free ranges to the system.
    mutating func trim() {
        for hole in holes { munmap(UnsafeMutableRawPointer(bitPattern: hole.lowerBound), hole.count) }
        holes = []
        edge = 0
    }

    private func bestFit(_ bytes: Int) -> Int? {
        var best: Int?
        for (index, hole) in holes.enumerated() where hole.count >= bytes {
            if best.map({ hole.count < holes[$0].count }) ?? true { best = index }
        }
        return best
    }

    /// The upper end of a free range, because the range grows at its lower end.
    private mutating func cut(_ index: Int, _ bytes: Int) -> UnsafeMutableRawPointer? {
        let start = holes[index].upperBound - bytes
        if holes[index].lowerBound == start {
            holes.remove(at: index)
        } else {
            holes[index] = holes[index].lowerBound..<start
        }
        return UnsafeMutableRawPointer(bitPattern: start)
    }

    private mutating func insert(_ part: Range<Int>) {
        var low = 0
        var high = holes.count
        while low < high {
            let middle = (low + high) / 2
            if holes[middle].lowerBound < part.lowerBound { low = middle + 1 } else { high = middle }
        }
        var joined = part
        if low < holes.count, holes[low].lowerBound == part.upperBound {
            joined = part.lowerBound..<holes.remove(at: low).upperBound
        }
        if low > 0, holes[low - 1].upperBound == part.lowerBound {
            holes[low - 1] = holes[low - 1].lowerBound..<joined.upperBound
        } else {
            holes.insert(joined, at: low)
        }
    }

    /// Memory from the system: directly below the edge, as much as the free range there lacks, or elsewhere if that
    /// address is taken.
    private mutating func grow(_ bytes: Int) -> Range<Int>? {
        let atEdge = holes.first { $0.lowerBound == edge }?.count ?? 0
        let lacking = roundUp(bytes - atEdge, to: Self.hugePage)
        let below = edge - lacking
        let start =
            below > 0 && map(lacking, at: below) != nil ? below : alignedMapping(roundUp(bytes, to: Self.hugePage))
        guard let start else { return nil }
        let size = start == below ? lacking : roundUp(bytes, to: Self.hugePage)
        madvise(UnsafeMutableRawPointer(bitPattern: start), size, MADV_HUGEPAGE)
        edge = start
        return start..<start + size
    }

    /// A mapping that starts at the border of a huge page. It is mapped larger, and the excess on both sides is
    /// unmapped.
    private func alignedMapping(_ bytes: Int) -> Int? {
        guard let mapped = map(bytes + Self.hugePage, at: nil) else { return nil }
        let start = roundUp(mapped, to: Self.hugePage)
        if start > mapped { munmap(UnsafeMutableRawPointer(bitPattern: mapped), start - mapped) }
        munmap(UnsafeMutableRawPointer(bitPattern: start + bytes), mapped + Self.hugePage - start)
        return start
    }

    private func map(_ bytes: Int, at address: Int?) -> Int? {
        let placed = address == nil ? 0 : MAP_FIXED_NOREPLACE
        let mapped = mmap(
            address.flatMap { UnsafeMutableRawPointer(bitPattern: $0) }, bytes, PROT_READ | PROT_WRITE,
            MAP_PRIVATE | MAP_ANONYMOUS | CInt(placed), -1, 0)
        guard let mapped, mapped != MAP_FAILED else { return nil }
        return Int(bitPattern: mapped)
    }
}

/// The next multiple of `step`.
func roundUp(_ value: Int, to step: Int) -> Int { (value + step - 1) / step * step }
