import Glibc

/// One growing range of memory for large blocks: each takes a part of the smallest hole that has room, and a part that is
/// free again joins its neighbours. What forward leaves so serves backward, whose sizes are others.
///
/// The range lies in huge pages where the system has them: one page fault for 2 MiB instead of 512, and as many fewer
/// entries of the processor's address tables.
struct Arena {
    static let hugePage = 2 << 20

    /// Free parts, in the order of their addresses; no two touch.
    private var holes: [Range<Int>] = []
    /// The lowest address of what the system gave last, below which the range grows.
    private var edge = 0

    var bytesFree: Int { holes.reduce(0) { $0 + $1.count } }

    /// Uninitialised bytes, a multiple of the page size; nil if there is not so much memory.
    mutating func take(_ bytes: Int) -> UnsafeMutableRawPointer? {
        if let hole = bestFit(bytes) { return cut(hole, bytes) }
        guard let grown = grow(bytes) else { return nil }
        insert(grown)
        return bestFit(bytes).flatMap { cut($0, bytes) }
    }

    /// Whether `take` needs nothing of the system.
    func holds(_ bytes: Int) -> Bool { bestFit(bytes) != nil }

    mutating func give(_ memory: UnsafeMutableRawPointer, _ bytes: Int) {
        let start = Int(bitPattern: memory)
        insert(start..<start + bytes)
    }

    /// Gives all holes back to the system.
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

    /// The upper end of a hole: its lower end is where the range grows.
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

    /// Memory of the system below the edge, as much as the hole there lacks, or elsewhere if that address is taken.
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

    /// A mapping that starts at a huge page's border: what is mapped too much on both sides makes room for that.
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
