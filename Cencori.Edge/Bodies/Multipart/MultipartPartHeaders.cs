using System.Text;
using Microsoft.Net.Http.Headers;

namespace Cencori.Edge.Bodies.Multipart;

/// <summary>Parses the headers of one part. Headers that two parsers could read differently are refused: the edge and a provider must agree
/// on which field is the model.</summary>
internal static class MultipartPartHeaders
{
    /// <param name="headers">The header lines, without the empty line after them.</param>
    /// <param name="isModel">True for the field <c>model</c>.</param>
    /// <param name="name">Name of the field.</param>
    /// <param name="isFile">True when the part has a file name.</param>
    /// <returns>Null, or the problem.</returns>
    public static RequestProblem? Read(ReadOnlySpan<byte> headers, out bool isModel, out string name, out bool isFile)
    {
        (isModel, name, isFile) = (false, "", false);
        ContentDispositionHeaderValue? disposition = null;
        foreach (var range in headers.Split("\r\n"u8))
        {
            var line = headers[range];
            var colon = line.IndexOf((byte)':');
            if (colon <= 0 || line[0] is (byte)' ' or (byte)'\t' || line.IndexOfAny((byte)'\r', (byte)'\n') >= 0)
            {
                return Malformed;
            }

            if (!Ascii.EqualsIgnoreCase(line[..colon].TrimEnd(" \t"u8), "Content-Disposition"u8))
            {
                continue;
            }

            if (disposition is not null
                || !ContentDispositionHeaderValue.TryParse(Encoding.UTF8.GetString(line[(colon + 1)..]), out disposition))
            {
                return Malformed;
            }
        }

        return disposition is null ? Malformed : ReadName(disposition, out isModel, out name, out isFile);
    }

    private static RequestProblem Malformed => new("A part of the multipart body has no readable Content-Disposition.", null);

    private static RequestProblem? ReadName(ContentDispositionHeaderValue disposition, out bool isModel, out string name, out bool isFile)
    {
        (isModel, name, isFile) = (false, "", disposition.FileName.HasValue || disposition.FileNameStar.HasValue);
        var names = 0;
        foreach (var parameter in disposition.Parameters)
        {
            if (parameter.Name.Equals("name*", StringComparison.OrdinalIgnoreCase))
            {
                return Malformed;
            }

            names += parameter.Name.Equals("name", StringComparison.OrdinalIgnoreCase) ? 1 : 0;
        }

        if (names != 1 || !disposition.DispositionType.Equals("form-data", StringComparison.OrdinalIgnoreCase))
        {
            return Malformed;
        }

        name = HeaderUtilities.UnescapeAsQuotedString(disposition.Name).ToString();
        if (!name.Equals("model", StringComparison.OrdinalIgnoreCase))
        {
            // Some servers also read "model[]" and similar names as the model.
            return name.StartsWith("model[", StringComparison.OrdinalIgnoreCase) ? new("The field 'model' must be written without brackets.", "model") : null;
        }

        isModel = true;
        return !name.Equals("model", StringComparison.Ordinal) ? new("The field 'model' must be written in lower case.", "model")
            : isFile ? new("'model' must be a field, not a file.", "model")
            : null;
    }
}
