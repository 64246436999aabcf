/// Finds places in a stream where frames are missing: a lost page, cluster or run of packets.
struct StreamGaps {
    /// The shortest gap in seconds: more than the longest frame of any codec (0.19 s in WMA or FLAC) and than the
    /// rounding of containers.
    private static let shortest = 0.25
    /// The number of frames needed to judge whether they are regular.
    private static let fewest = 10

    /// The gaps in the sound, in seconds.
    private(set) var sounds: [ClosedRange<Double>] = []
    private var end: Double?
    private var frames: [Frame] = []

    private struct Frame {
        let begin: Double
        /// The stated end of the frame.
        let end: Double
        /// Whether data was lost before it, according to the container's counters or the decoder.
        let isCorrupt: Bool
    }

    /// Adds a frame of sound, in decoding order, in seconds.
    mutating func note(soundFrom begin: Double, to end: Double) {
        if let before = self.end, begin - before > Self.shortest { sounds.append(before...begin) }
        self.end = max(self.end ?? end, end)
    }

    /// Adds a video frame, in presentation order.
    mutating func note(frameFrom begin: Double, to end: Double, isCorrupt: Bool) {
        frames.append(Frame(begin: begin, end: end, isCorrupt: isCorrupt))
    }

    /// The gaps. A frame is held until the next one. That is a gap only if frames are otherwise regular, and if sound
    /// is missing there too (`others`) or damage is known. Other frames are held on purpose.
    func found(beside others: [ClosedRange<Double>]) -> [ClosedRange<Double>] {
        guard frames.count >= Self.fewest else { return sounds }
        let steps = zip(frames, frames.dropFirst())
        let usual = steps.map { $1.begin - $0.begin }.sorted()[(frames.count - 1) / 2]
        let regular = steps.count { abs($1.begin - $0.begin - usual) < usual / 2 }
        guard 10 * regular >= 9 * (frames.count - 1) else { return sounds }
        return sounds
            + steps.compactMap { one, next in
                let shown = max(one.end, one.begin + usual)
                guard next.begin - shown > max(Self.shortest, usual) else { return nil }
                let gap = shown...next.begin
                return one.isCorrupt || next.isCorrupt || others.contains(where: gap.overlaps) ? gap : nil
            }
    }
}
