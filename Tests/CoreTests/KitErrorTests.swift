import Kit
import Testing

@Suite struct KitErrorTests {
    @Test(arguments: [
        ("recipe.lua:3", "concat: needs at least one tensor", "recipe.lua:3: concat: needs at least one tensor"),
        ("kit.tensor.concat", "concat: needs at least one tensor", "kit.tensor.concat: needs at least one tensor"),
        ("kit.tensor.concat", "concatenated: no", "kit.tensor.concat: concatenated: no"),
        ("", "no such file", ": no such file"),
    ])
    func aPrefixSaysNoWordTwice(_ prefix: String, _ message: String, _ whole: String) {
        #expect(KitError.usage(message).prefixed(prefix).message == whole)
    }
}
