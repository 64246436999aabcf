import KitCore

/// A part of a report, or the reason why it is missing.
enum ReportPart<Content> {
    case shown(Content)
    case missing(String)

    /// The result of `body`. An error becomes the reason why the part is missing, except for interrupts, a full disk
    /// and faults of the kit, which are thrown.
    init(_ body: () throws -> Content) throws {
        do {
            self = .shown(try body())
        } catch let error as KitError
            where ![.interrupted, .tryAgain, .inputOutput, .internalFault].contains(error.kind)
        {
            self = .missing(error.message)
        }
    }

    var content: Content? {
        if case .shown(let content) = self { content } else { nil }
    }

    /// Empty if the part exists.
    var reason: String {
        if case .missing(let reason) = self { reason } else { "" }
    }

    /// Applies `body` to the content and keeps a reason.
    func flatMap<Other>(_ body: (Content) throws -> ReportPart<Other>) rethrows -> ReportPart<Other> {
        switch self {
        case .shown(let content): try body(content)
        case .missing(let reason): .missing(reason)
        }
    }
}
