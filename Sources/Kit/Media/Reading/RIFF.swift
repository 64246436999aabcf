/// The outermost chunks of AVI files. Source: OpenDML AVI File Format Extensions, 1997.
enum RIFF {
    /// Where another AVI file begins: a chunk `AVI ` behind the first. Large files go on in chunks `AVIX`.
    static func secondFile(_ file: FileBytes) -> Int? {
        var place = 0
        while file.bytes(at: place, count: 4) == Array("RIFF".utf8),
            let size = file.bytes(at: place + 4, count: 4)?.reversed().reduce(0, { $0 << 8 | Int($1) }),
            let kind = file.bytes(at: place + 8, count: 4)
        {
            if place > 0, kind == Array("AVI ".utf8) { return place }
            place += 8 + size + size % 2
        }
        return nil
    }
}
