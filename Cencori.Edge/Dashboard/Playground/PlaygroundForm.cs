using System.Globalization;
using Cencori.Edge.Admin;
using Cencori.Edge.Errors;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Dashboard.Playground;

/// <summary>Reads the playground's form. The names of a message's fields end with the message's number.</summary>
internal static class PlaygroundForm
{
    private const int MaxTurns = 200;

    /// <exception cref="RefusedException">A file is not an image, or there are too many messages.</exception>
    public static async Task<PlaygroundInput> ReadAsync(IFormCollection form, CancellationToken cancellation)
    {
        var (roles, contents) = (form["role"], form["content"]);
        if (contents.Count > MaxTurns)
        {
            throw new RefusedException(EdgeError.Invalid($"A conversation can have at most {MaxTurns} messages in the playground.", "content"));
        }

        var turns = new List<Turn>();
        for (var i = 0; i < contents.Count; i++)
        {
            turns.Add(new Turn(i < roles.Count && Turn.Roles.Contains(roles[i]) ? roles[i]! : "user", Lines(contents[i]))
            {
                Images = [.. form[Part("image", i)].OfType<string>().Where(image => image.StartsWith("data:image/", StringComparison.Ordinal))],
                Calls = Text(form[Part("calls", i)]),
                CallId = Text(form[Part("call_id", i)]),
            });
        }

        var sent = await PicturesAsync(form.Files, cancellation);
        if (sent.Count > 0)
        {
            var last = turns.FindLastIndex(turn => turn.Role == "user");
            turns = last < 0 ? [.. turns, new Turn("user", "") { Images = sent }] : [.. turns[..last], turns[last] with { Images = [.. turns[last].Images, .. sent] }, .. turns[(last + 1)..]];
        }

        return new PlaygroundInput
        {
            Environment = form["env"] == "test" ? KeyEnvironment.Test : KeyEnvironment.Production,
            Model = form["model"].ToString().Trim(),
            System = Lines(form["system"]),
            Tools = form["tools"].ToString(),
            Temperature = form["temperature"].ToString().Trim(),
            MaxTokens = form["max_tokens"].ToString().Trim(),
            Turns = turns,
        };
    }

    /// <summary>The name of a field of one message.</summary>
    public static string Part(string name, int turn) => string.Create(CultureInfo.InvariantCulture, $"{name}.{turn}");

    // Browsers change LF line breaks to CRLF in forms. The model gets the user's text.
    private static string Lines(string? value) => value?.Replace("\r\n", "\n", StringComparison.Ordinal) ?? "";

    private static string? Text(string? value) => string.IsNullOrEmpty(value) ? null : value;

    private static async Task<List<string>> PicturesAsync(IFormFileCollection files, CancellationToken cancellation)
    {
        var pictures = new List<string>();
        foreach (var file in files.Where(file => file.Length > 0))
        {
            if (file.ContentType is not ("image/png" or "image/jpeg" or "image/gif" or "image/webp"))
            {
                throw new RefusedException(EdgeError.Invalid("A picture must be a PNG, JPEG, GIF or WebP file.", "images"));
            }

            using var bytes = new MemoryStream();
            await file.CopyToAsync(bytes, cancellation);
            pictures.Add($"data:{file.ContentType};base64,{Convert.ToBase64String(bytes.GetBuffer().AsSpan(0, (int)bytes.Length))}");
        }

        return pictures;
    }
}
