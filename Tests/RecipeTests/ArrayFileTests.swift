import Foundation
import Kit
import LuaBridge
import Plugins
import TestSupport
import Testing

/// Tensors and images as files, in a recipe's hands.
@Suite struct ArrayFileTests {
    private func run(_ chunk: String, _ folder: URL) throws -> [OptionValue] {
        let lua = try LuaState()
        try lua.setGlobal("folder", .string(folder.path))
        return try lua.run(chunk: chunk)
    }

    @Test func tensorsComeBackFromEveryFormat() throws {
        try Fixtures.withTemporaryFolder { folder in
            _ = try run(
                """
                local x, y = kit.tensor.normal { 3, 4, seed = 1 }, kit.tensor.arange { stop = 5 }
                local function same(a, b) return (a - b):abs():max():item() == 0 end
                kit.tensor.write(folder .. "/new/x.npy", x)
                assert(same(kit.tensor.read(folder .. "/new/x.npy"), x))
                for _, ending in ipairs { "npz", "safetensors" } do
                  local path = folder .. "/both." .. ending
                  kit.tensor.write_all { path = path, tensors = { x = x, y = y } }
                  assert(same(kit.tensor.read(path, "y"), y))
                  local all = kit.tensor.read_all(path)
                  assert(same(all.x, x) and same(all.y, y))
                end
                local image = kit.tensor.from { { 0, 0.2 }, { 0.4, 1.5 } }
                kit.media.write_image { path = folder .. "/i.png", image = image }
                local read = kit.media.read_image { path = folder .. "/i.png" }
                assert(#read:shape() == 3 and (read:max(3) - image:clamp(0, 1)):abs():max():item() < 1e-6)
                """, folder)
        }
    }

    @Test(arguments: [
        ("kit.tensor.read(folder .. '/none.npy')", "No such file"),
        (
            "kit.tensor.read(folder .. '/two.npz')",
            "contains 2 tensors (a, b): name one of them with 'tensor', or read all"
        ),
        ("kit.tensor.read(folder .. '/two.npz', 'c')", "has no array 'c'"),
        ("kit.tensor.write(folder .. '/x.npz', x)", "must end in .npy, but is '"),
        ("kit.tensor.write_all { path = folder .. '/x.npy', tensors = { x = x } }", "must end in .npz or .safetensors"),
        (
            "kit.tensor.write_all { path = folder .. '/x.npz', tensors = { x = 1 } }",
            "option 'tensors'.x must be a tensor"
        ),
        ("kit.media.read_image { path = folder .. '/two.npz' }", "is not an image that can be read; formats are PNG"),
        ("kit.media.write_image { path = folder .. '/x.gif', image = x }", "must end in .png, .jpg or .jpeg"),
        (
            "kit.media.write_image { path = folder .. '/x.png', image = kit.tensor.ones { 2, 2, 4 } }",
            "but its shape is [2, 2, 4]"
        ),
        (
            "kit.tensor { 1, 2 }",
            "kit.tensor is a kind of plugin, not a function: write kit.tensor.from { ... } for a tensor of given numbers"
        ),
        ("kit.loss { temperature = 1 }", "kit.loss is a kind of plugin, not a function: write kit.loss."),
    ])
    func mistakesAreNamed(chunk: String, message: String) throws {
        try Fixtures.withTemporaryFolder { folder in
            let setup = """
                x = kit.tensor.ones { 2, 2 }
                kit.tensor.write_all { path = folder .. "/two.npz", tensors = { a = x, b = x } }

                """
            let error = #expect(throws: KitError.self) { try run(setup + chunk, folder) }
            #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
        }
    }
}
