using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Cencori.Edge.Admin.AsCode;

/// <summary>Writes JSON as YAML that <see cref="YamlReader"/> reads back unchanged.</summary>
internal static partial class YamlWriter
{
    public static string Write(JsonNode root)
    {
        using var text = new StringWriter { NewLine = "\n" };
        var emitter = new Emitter(text, new EmitterSettings().WithBestWidth(int.MaxValue));
        emitter.Emit(new StreamStart());
        emitter.Emit(new DocumentStart(null, null, isImplicit: true));
        Emit(emitter, root);
        emitter.Emit(new DocumentEnd(isImplicit: true));
        emitter.Emit(new StreamEnd());
        return text.ToString();
    }

    private static void Emit(Emitter emitter, JsonNode? node)
    {
        switch (node)
        {
            case JsonObject members:
                emitter.Emit(new MappingStart(AnchorName.Empty, TagName.Empty, isImplicit: true, members.Count == 0 ? MappingStyle.Flow : MappingStyle.Block));
                foreach (var (name, value) in members)
                {
                    Scalar(emitter, name, name.Contains('\n') ? ScalarStyle.DoubleQuoted : StyleOf(name));
                    Emit(emitter, value);
                }

                emitter.Emit(new MappingEnd());
                break;
            case JsonArray items:
                emitter.Emit(new SequenceStart(AnchorName.Empty, TagName.Empty, isImplicit: true, items.Count == 0 ? SequenceStyle.Flow : SequenceStyle.Block));
                foreach (var item in items)
                {
                    Emit(emitter, item);
                }

                emitter.Emit(new SequenceEnd());
                break;
            case null:
                Scalar(emitter, "null", ScalarStyle.Plain);
                break;
            default:
                var text = node.GetValueKind() == JsonValueKind.String ? node.GetValue<string>() : node.ToJsonString();
                Scalar(emitter, text, node.GetValueKind() != JsonValueKind.String ? ScalarStyle.Plain : StyleOf(text));
                break;
        }
    }

    // A text of several lines is written as a literal block. A text that a YAML reader could read as another type is quoted.
    private static ScalarStyle StyleOf(string text) =>
        text.Contains('\n') ? IsProse(text) ? ScalarStyle.Literal : ScalarStyle.DoubleQuoted
        : Harmless().IsMatch(text) && !YamlReader.NeedsQuotes(text) ? ScalarStyle.Plain
        : ScalarStyle.DoubleQuoted;

    private static bool IsProse(string text) =>
        text.All(c => c == '\n' || c is >= ' ' and <= '~') && text.Split('\n').All(line => line.Length > 0 && line[0] != ' ' && line[^1] != ' ');

    [GeneratedRegex("^[A-Za-z_/]([A-Za-z0-9 _./+@-]*[A-Za-z0-9_./+@-])?$")]
    private static partial Regex Harmless();

    private static void Scalar(Emitter emitter, string text, ScalarStyle style) =>
        emitter.Emit(new Scalar(AnchorName.Empty, TagName.Empty, text, style, isPlainImplicit: true, isQuotedImplicit: true));
}
