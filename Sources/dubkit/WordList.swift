import ArgumentParser
import Kit

/// The value of an option that takes words separated by commas: at least one, and none of them empty.
struct WordList: ExpressibleByArgument {
    let words: [String]

    init?(argument: String) {
        words = argument.parts(separatedBy: ",", omittingEmpty: false)
        guard words.allSatisfy({ !$0.isEmpty }) else { return nil }
    }
}
