using System.Text.Json;

namespace Cencori.Edge.Dialects;

/// <summary>Rewrites OpenAI's list of images for a native endpoint (/api/ai/…). Image data, possibly megabytes, streams through unbuffered.</summary>
internal sealed class ImagesDocument(Stream inner, NativeResponse response) : DocumentStream(inner)
{
    private const int Images = 2;
    private const int Image = 3;

    private bool _hasModel;

    protected override MemberHandling HandlingOf(int place, int element, ReadOnlySpan<byte> name, byte first) => place switch
    {
        Root => HandlingOf(name, first),
        Images => first == '{' ? new() { Below = Image } : default,

        // Cencori's Python client accepts only these members, and no null values.
        Image when first == 'n' => new() { IsDropped = true },
        Image when name.SequenceEqual("url"u8) || name.SequenceEqual("b64_json"u8) => default,
        Image => name.SequenceEqual("revised_prompt"u8) ? new() { Name = "revisedPrompt" } : new() { IsDropped = true },
        _ => default,
    };

    protected override void AddMembers()
    {
        if (!_hasModel)
        {
            Add("model"u8, response.Model);
        }

        Add("provider"u8, response.Provider);
    }

    private MemberHandling HandlingOf(ReadOnlySpan<byte> name, byte first)
    {
        _hasModel |= name.SequenceEqual("model"u8);
        return name.SequenceEqual("data"u8) ? new() { Name = "images", Below = first == '[' ? Images : 0 }
            : name.SequenceEqual("images"u8) ? new() { Name = "images_of_provider" }
            : name.SequenceEqual("provider"u8) ? new() { Name = "provider_of_provider" }
            : default;
    }

    private void Add(ReadOnlySpan<byte> name, string? value)
    {
        Output.Append(HasMembers ? ",\""u8 : "\""u8);
        HasMembers = true;
        Output.Append(name);
        Output.Append("\":"u8);
        if (value is null)
        {
            Output.Append("null"u8);
            return;
        }

        Output.Append((byte)'"');
        Output.Append(JsonEncodedText.Encode(value).EncodedUtf8Bytes);
        Output.Append((byte)'"');
    }
}
