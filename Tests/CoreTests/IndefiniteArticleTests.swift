import KitCore
import Testing

@Suite struct IndefiniteArticleTests {
    @Test(arguments: [
        ("augmentation", "an augmentation"), ("integer", "an integer"), ("module", "a module"),
        ("Encoder", "an Encoder"), ("one-way street", "a one-way street"), ("unit", "a unit"),
        ("underlined word", "an underlined word"),
    ])
    func wordsHaveTheArticleThatIsSpoken(_ words: String, _ whole: String) {
        #expect(words.withArticle == whole)
    }
}
