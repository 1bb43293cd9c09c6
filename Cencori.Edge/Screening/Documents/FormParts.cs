using System.Text;
using System.Text.Unicode;
using Cencori.Edge.Bodies;
using Cencori.Edge.Bodies.Multipart;
using Cencori.Edge.Policies;
using Microsoft.Net.Http.Headers;

namespace Cencori.Edge.Screening.Documents;

/// <summary>Scans the texts of a form: its fields, names of fields and files, headers of parts, and text files.</summary>
internal static class FormParts
{
    private const string Model = "model";

    public static void Scan(ReadOnlySpan<byte> form, IReadOnlyList<FormPart> parts, BodyScreen screen, PolicySet set)
    {
        foreach (var part in parts)
        {
            var content = form.Slice(part.Content.Start, part.Content.Length);
            var where = PathNames.IsPlain(Encoding.UTF8.GetBytes(part.Name)) ? part.Name : "*";
            ScanHeaders(form, part, where, screen, set);
            if (part.IsFile && (content.Contains((byte)0) || !Utf8.IsValid(content)))
            {
                screen.HasUnscannable = true;
                continue;
            }

            // The edge reads the model name from this field, so the field must not be changed.
            var isModel = part.Name.Equals(Model, StringComparison.OrdinalIgnoreCase);
            if (!isModel || !KnownModel.Is(screen.Model, content))
            {
                screen.ScanPart(form, part.Content, where, set, isFixed: isModel);
            }
        }

        screen.HidesText |= HasMore(form, parts);
    }

    private static void ScanHeaders(ReadOnlySpan<byte> form, in FormPart part, string where, BodyScreen screen, PolicySet set)
    {
        foreach (var line in Encoding.UTF8.GetString(form.Slice(part.Headers.Start, part.Headers.Length)).Split("\r\n"))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            var (name, value) = (line[..colon].Trim(), line[(colon + 1)..].Trim());
            if (name.Equals(HeaderNames.ContentDisposition, StringComparison.OrdinalIgnoreCase) && ContentDispositionHeaderValue.TryParse(value, out var disposition))
            {
                ScanDisposition(disposition, part.Headers, where, screen, set);
            }
            else if (name.Equals(HeaderNames.ContentType, StringComparison.OrdinalIgnoreCase))
            {
                if (!MediaTypeHeaderValue.TryParse(value, out var type))
                {
                    // The Content-Type cannot be parsed, but a server may still read a charset from it.
                    screen.HidesText = true;
                    continue;
                }

                screen.HidesText |= !BodyCharset.IsUtf8(type);
                foreach (var parameter in type.Parameters)
                {
                    screen.ScanHeader(parameter.Value.ToString(), part.Headers, where, set);
                }
            }
            else if (name.Equals("Content-Transfer-Encoding", StringComparison.OrdinalIgnoreCase))
            {
                screen.HidesText |= value.ToUpperInvariant() is not ("7BIT" or "8BIT" or "BINARY");
            }
            else
            {
                screen.ScanHeader(line, part.Headers, where, set);
            }
        }
    }

    private static void ScanDisposition(ContentDispositionHeaderValue disposition, ByteRange headers, string where, BodyScreen screen, PolicySet set)
    {
        foreach (var parameter in disposition.Parameters)
        {
            var value = parameter.Name.EndsWith("*", StringComparison.Ordinal) ? Uri.UnescapeDataString(parameter.Value.ToString()) : HeaderUtilities.UnescapeAsQuotedString(parameter.Value).ToString();
            if (!parameter.Name.Equals("name", StringComparison.OrdinalIgnoreCase) || !ApiNames.Has(Encoding.UTF8.GetBytes(value.TrimEnd('[', ']'))))
            {
                screen.ScanHeader(value, headers, where, set);
            }
        }
    }

    // True when data follows the end of the form. Most parsers skip such data, but some read it.
    private static bool HasMore(ReadOnlySpan<byte> form, IReadOnlyList<FormPart> parts)
    {
        var line = form.IndexOf("\r\n"u8);
        var first = (line < 0 ? form : form[..line]).TrimEnd(" \t"u8);
        var end = parts.Count == 0 ? first.Length : parts[^1].Content.End + "\r\n"u8.Length + first.Length + "--"u8.Length;
        return form[Math.Min(form.Length, end)..].IndexOfAnyExcept(" \t\r\n"u8) >= 0;
    }
}
