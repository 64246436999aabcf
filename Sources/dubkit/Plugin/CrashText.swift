/// The output of a Swift program that crashed.
struct CrashText {
    /// Its output before the crash.
    let before: String
    /// The reason and the place: "no such luck at SoftCosineLoss.swift:24".
    let reason: String

    /// - Parameter signal: the signal that ended it, in words, which is the reason if there is no other.
    init(_ text: String, signal: String) {
        let begin = text.firstMatch(of: #/(?m)^(?:.*Fatal error|swift-runtime:|\*\*\*|\n\*\*\*)/#)?.range.lowerBound
        before = String(text[..<(begin ?? text.endIndex)])
        let frames = text.matches(of: #/(?m)^ +\d+ .*?0x[0-9a-f]+ (.+?)(?: \+ \d+)? in \S+(?: at (\S+))?$/#)
        var reason = signal
        if let told = text.firstMatch(of: #/Fatal error: ([^\n]+)/#)
            ?? text.firstMatch(of: #/\*\*\* Swift runtime failure: (.+) \*\*\*/#)
        {
            reason = "\(told.1)"
        } else if let frame = frames.first {
            // An index, an overflow or a nil: only the place is known.
            reason = "\(signal), as from one of Swift's own checks, in \(frame.1.trimmingPrefix("specialized "))"
        }
        let own = text.firstMatch(of: #/([^\/\s]+\.swift:\d+): Fatal error/#)?.1
        let place = own ?? frames.lazy.compactMap { $0.2?.firstMatch(of: #/[^\/]+\.swift:\d+/#)?.output }.first
        self.reason = reason + (place.map { " at \($0)" } ?? "")
    }
}
