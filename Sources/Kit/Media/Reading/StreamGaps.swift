/// Finds places in a stream where frames are missing: a lost page, cluster or run of packets.
struct StreamGaps {
    /// Seconds without anything that are called a gap: more than the longest frame of any codec (0.19 s of WMA or FLAC) and than
    /// containers round by.
    private static let shortest = 0.25
    /// Pictures from which on it can be told whether they come regularly.
    private static let fewest = 10

    /// Where there is no sound, in seconds.
    private(set) var sounds: [ClosedRange<Double>] = []
    private var end: Double?
    private var pictures: [Picture] = []

    private struct Picture {
        let begin: Double
        /// Until when it is said to be shown.
        let end: Double
        /// Whether something was lost before it, as the container's counters or the decoder say.
        let isCorrupt: Bool
    }

    /// Notes a frame of sound, in the order in which it is decoded, in seconds.
    mutating func note(soundFrom begin: Double, to end: Double) {
        if let before = self.end, begin - before > Self.shortest { sounds.append(before...begin) }
        self.end = max(self.end ?? end, end)
    }

    /// Notes a picture, in the order in which it is shown.
    mutating func note(pictureFrom begin: Double, to end: Double, isCorrupt: Bool) {
        pictures.append(Picture(begin: begin, end: end, isCorrupt: isCorrupt))
    }

    /// The gaps. A picture is held until the next: that is one only if pictures come regularly else, and if sound is missing
    /// there as well (`others`) or damage is known of. What else holds a picture does so on purpose.
    func found(beside others: [ClosedRange<Double>]) -> [ClosedRange<Double>] {
        guard pictures.count >= Self.fewest else { return sounds }
        let steps = zip(pictures, pictures.dropFirst())
        let usual = steps.map { $1.begin - $0.begin }.sorted()[(pictures.count - 1) / 2]
        let regular = steps.count { abs($1.begin - $0.begin - usual) < usual / 2 }
        guard 10 * regular >= 9 * (pictures.count - 1) else { return sounds }
        return sounds
            + steps.compactMap { one, next in
                let shown = max(one.end, one.begin + usual)
                guard next.begin - shown > max(Self.shortest, usual) else { return nil }
                let gap = shown...next.begin
                return one.isCorrupt || next.isCorrupt || others.contains(where: gap.overlaps) ? gap : nil
            }
    }
}
