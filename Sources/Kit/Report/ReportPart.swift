import KitCore

/// A part of a report, or why it is not there.
enum Part<Content> {
    case shown(Content)
    case missing(String)

    /// What `body` gives; an error becomes the reason why there is nothing. Interrupts, a full disk and faults of the kit are
    /// no reasons to go on.
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

    /// Empty for a part that is there.
    var reason: String {
        if case .missing(let reason) = self { reason } else { "" }
    }

    /// What `body` makes of the content; a reason stays.
    func flatMap<Other>(_ body: (Content) throws -> Part<Other>) rethrows -> Part<Other> {
        switch self {
        case .shown(let content): try body(content)
        case .missing(let reason): .missing(reason)
        }
    }
}
