import KitCore
import KitMedia

extension ReaderCheck {
    /// The parts of containers that the kit itself reads, in addition to libavformat: languages of tracks and the end
    /// of a file.
    static let container = ReaderCheck(name: "container") { bytes in
        let source = try MemoryFile(bytes)
        guard let file = FileBytes(source.path) else { throw Broken("cannot be opened") }
        let tracks = Matroska.tracks(file)
        let boxes = QuickTime.tracks(file)
        // An entry of a track has two bytes at least, a track's box eight.
        try expect(tracks.count <= bytes.count / 2, "\(tracks.count) tracks in \(bytes.count) bytes")
        try expect(boxes.count <= bytes.count / 8, "\(boxes.count) tracks in \(bytes.count) bytes")
        for language in tracks.compactMap(\.language) + boxes.values.compactMap(\.language) {
            // The replacement for bytes that are not UTF-8 takes three bytes.
            try expect(language.utf8.count <= 3 * 256, "a language of \(language.utf8.count) bytes")
            try expect(!language.utf8.contains(0), "a language has a zero")
        }
        if let second = Matroska.secondFile(file) { try expect(second < bytes.count, "a file begins at \(second)") }
    }
}
