/// The orientation that the EXIF data of a PNG file state, which libavcodec does not read.
enum PNGOrientation {
    /// EXIF's number, 1 to 8; nil if there is none. Chunks have a length, a name, their data and a checksum.
    static func number(in file: [UInt8]) -> Int? {
        var place = 8
        while place + 8 <= file.count {
            let (length, start) = (number(4, at: place, of: file[...], bigEndian: true), place + 8)
            guard length <= file.count - start else { return nil }
            if file[place + 4..<start].elementsEqual("eXIf".utf8) { return orientation(file[start..<start + length]) }
            place = start + length + 4
        }
        return nil
    }

    /// The value of the tag 0x0112 in the first directory of TIFF data.
    private static func orientation(_ tiff: ArraySlice<UInt8>) -> Int? {
        let isBig = tiff.starts(with: "MM".utf8)
        guard isBig || tiff.starts(with: "II".utf8), tiff.count >= 8 else { return nil }
        func field(_ count: Int, _ offset: Int) -> Int? {
            guard offset <= tiff.count - count else { return nil }
            return number(count, at: tiff.startIndex + offset, of: tiff, bigEndian: isBig)
        }
        guard let directory = field(4, 4), let count = field(2, directory) else { return nil }
        for entry in 0..<count {
            let place = directory + 2 + 12 * entry
            guard let tag = field(2, place) else { return nil }
            if tag == 0x0112 { return field(2, place + 8) }
        }
        return nil
    }

    /// An unsigned number of bytes that are there.
    private static func number(_ count: Int, at place: Int, of bytes: ArraySlice<UInt8>, bigEndian: Bool) -> Int {
        let own = bytes[place..<place + count]
        return bigEndian ? own.reduce(0) { $0 << 8 | Int($1) } : own.reversed().reduce(0) { $0 << 8 | Int($1) }
    }
}
