import Kit

/// The provenances as recipes name them.
enum ProvenanceWord: String, ChoiceOption {
    case paper
    case authorsCode = "authors_code"
    case inferred, ours

    static let foreignWords = ["me": ours.rawValue, "mine": ours.rawValue, "own": ours.rawValue, "us": ours.rawValue]

    var provenance: Provenance {
        switch self {
        case .paper: .paper
        case .authorsCode: .authorsCode
        case .inferred: .inferred
        case .ours: .ours
        }
    }
}
