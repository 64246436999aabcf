/// The dynamic symbols of a sound ELF file of 64 bits: for tests that damage one.
struct ELFSymbols: Sequence {
    /// A symbol's name, the offset of its entry in the file, and the offset of its name.
    typealias Element = (name: String, place: Int, namePlace: Int)
    private let elements: [Element]

    init(_ bytes: [UInt8]) {
        func number(_ place: Int, _ size: Int) -> Int {
            (0..<size).reduce(0) { $0 | Int(bytes[place + $1]) << (8 * $1) }
        }
        let (table, count) = (number(40, 8), number(60, 2))
        func section(_ index: Int) -> (type: Int, offset: Int, size: Int, link: Int) {
            let entry = table + 64 * index
            return (number(entry + 4, 4), number(entry + 24, 8), number(entry + 32, 8), number(entry + 40, 4))
        }
        elements = (0..<count).map(section).filter { $0.type == 11 }.flatMap { symbols in
            stride(from: symbols.offset, to: symbols.offset + symbols.size, by: 24).map { place in
                let name = section(symbols.link).offset + number(place, 4)
                return (String(decoding: bytes[name...].prefix { $0 != 0 }, as: UTF8.self), place, name)
            }
        }
    }

    func makeIterator() -> IndexingIterator<[Element]> { elements.makeIterator() }
}
