using System.Text;
using System.Text.Unicode;
using Cencori.Edge.Bodies.Multipart;
using Cencori.Edge.Policies;

namespace Cencori.Edge.Screening;

/// <summary>The texts of a form: its fields, and files that are text.</summary>
internal static class FormParts
{
    public static void Scan(ReadOnlySpan<byte> form, IReadOnlyList<FormPart> parts, BodyScreen screen, PolicySet set)
    {
        foreach (var part in parts)
        {
            var content = form.Slice(part.Content.Start, part.Content.Length);
            if (content.Contains((byte)0) || !Utf8.IsValid(content))
            {
                screen.HasUnscannable = true;
                continue;
            }

            // By the model the edge itself goes.
            var name = NameOf(form.Slice(part.Headers.Start, part.Headers.Length));
            if (!name.SequenceEqual("model"u8))
            {
                screen.ScanPart(form, part.Content, PathNames.IsPlain(name) ? Encoding.ASCII.GetString(name) : "*", set);
            }
        }
    }

    // In quotes or without. A file's name ends alike.
    private static ReadOnlySpan<byte> NameOf(ReadOnlySpan<byte> headers)
    {
        for (var at = 0; headers[at..].IndexOf("name="u8) is >= 0 and var found; at += found + 1)
        {
            if (at + found > 0 && headers[at + found - 1] is (byte)' ' or (byte)';' or (byte)'\t')
            {
                var rest = headers[(at + found + "name="u8.Length)..];
                return rest is [(byte)'"', ..] ? Until(rest[1..], "\""u8) : Until(rest, "; \r"u8);
            }
        }

        return default;
    }

    private static ReadOnlySpan<byte> Until(ReadOnlySpan<byte> text, ReadOnlySpan<byte> ends) => text.IndexOfAny(ends) is >= 0 and var end ? text[..end] : text;
}
