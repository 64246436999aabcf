/// What a Swift program that crashed has written.
struct CrashText {
    /// What it said before.
    let before: String
    /// What went wrong and where: "no such luck at SoftCosineLoss.swift:24".
    let reason: String

    /// - Parameter signal: what ended it, in words: that is the reason where nothing else is said.
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
            // An index, an overflow or a nil: the code says no more than where.
            reason = "\(signal), as of one of Swift's own checks, in \(frame.1.trimmingPrefix("specialized "))"
        }
        let own = text.firstMatch(of: #/([^\/\s]+\.swift:\d+): Fatal error/#)?.1
        let place = own ?? frames.lazy.compactMap { $0.2?.firstMatch(of: #/[^\/]+\.swift:\d+/#)?.output }.first
        self.reason = reason + (place.map { " at \($0)" } ?? "")
    }
}
