using System.Text.Json;
using Cencori.Edge.Models;

namespace Cencori.Edge.Bodies.Scanning;

/// <summary>Is called for each token while <see cref="InputText"/> measures a value. The JIT removes calls to an implementation that does nothing.</summary>
internal interface IInputObserver
{
    /// <param name="reader">Is on a token of the value. The implementation must not advance the reader.</param>
    /// <param name="depth">Number of open objects and arrays around the token. At a closing bracket, the container that it closes still counts.</param>
    void Observe(ref Utf8JsonReader reader, int depth);
}

/// <summary>An observer that does nothing, for requests that need no facts beyond the size of the value.</summary>
internal readonly struct NoInputObserver : IInputObserver
{
    public void Observe(ref Utf8JsonReader reader, int depth)
    {
    }
}

/// <summary>
/// Finds three facts in one top-level value: which model abilities the value needs, where the first user message ends, and ids of data stored at the
/// provider.
/// </summary>
/// <param name="field">The field that the value belongs to.</param>
/// <param name="notesStored">False: stored ids are not collected.</param>
internal struct InputObserver(RequestField field, bool notesStored) : IInputObserver
{
    // Value of _list when the reader is in no list of messages or parts. Negative, so that no real depth equals it.
    private const int NoList = -8;

    private StoredObjectObserver _stored;
    private Name _name;
    private bool _isList;
    private bool _isUser;
    private bool _isFormat;

    // Depth of the list that is being read: the value itself, or a content list inside one of its elements.
    private int _list = NoList;

    private enum Name : byte
    {
        Other,
        Type,
        Role,
        Content,
        Format,
    }

    public ModelAbilities RequiredAbilities { get; private set; }

    /// <summary>Bytes consumed by the reader at the end of the first user message. 0 when there is none.</summary>
    public long UserEnd { get; private set; }

    /// <inheritdoc cref="StoredObjectObserver.Ids"/>
    public readonly List<string>? StoredIds => _stored.Ids;

    public void Observe(ref Utf8JsonReader reader, int depth)
    {
        if (notesStored)
        {
            _stored.Observe(ref reader);
        }

        if (depth == 0)
        {
            _isList = reader.TokenType == JsonTokenType.StartArray;
        }

        switch (field)
        {
            case RequestField.Messages or RequestField.TextOrTokens:
                ObserveMessages(ref reader, depth);
                break;
            case RequestField.Tools or RequestField.Functions:
                Require(ModelAbilities.Tools, _isList && depth == 1 && reader.TokenType != JsonTokenType.EndArray);
                break;
            case RequestField.ResponseFormat:
                ObserveFormat(ref reader, depth, isInside: depth == 1);
                break;
            case RequestField.TextFormat:
                ObserveFormat(ref reader, depth, isInside: depth == 2 && _isFormat);
                break;
            case RequestField.Modalities:
                Require(ModelAbilities.Audio, _isList && depth == 1 && reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("audio"u8));
                break;
            case RequestField.Audio:
                Require(ModelAbilities.Audio, depth == 0 && reader.TokenType == JsonTokenType.StartObject);
                break;
        }
    }

    private static ModelAbilities OfPart(ref Utf8JsonReader type) =>
        type.ValueTextEquals("image_url"u8) || type.ValueTextEquals("input_image"u8) || type.ValueTextEquals("image"u8) ? ModelAbilities.Images
        : type.ValueTextEquals("input_audio"u8) ? ModelAbilities.Audio
        : ModelAbilities.None;

    // Only property names of list elements are compared. Deeper names are ignored: the argument of a tool may have the same name as a member of a part.
    private static Name NameOf(ref Utf8JsonReader reader) =>
        reader.ValueTextEquals("type"u8) ? Name.Type
        : reader.ValueTextEquals("role"u8) ? Name.Role
        : reader.ValueTextEquals("content"u8) || reader.ValueTextEquals("output"u8) ? Name.Content
        : Name.Other;

    private void ObserveMessages(ref Utf8JsonReader reader, int depth)
    {
        var name = _name;
        _name = Name.Other;
        switch (reader.TokenType)
        {
            case JsonTokenType.PropertyName when depth == _list + 1:
                _name = NameOf(ref reader);
                break;
            case JsonTokenType.StartArray when depth == 0:
                _list = 1;
                break;
            case JsonTokenType.StartArray when name == Name.Content:
                _list += 2;
                break;
            case JsonTokenType.EndArray when depth == _list:
                _list -= 2;
                break;
            case JsonTokenType.String when name == Name.Type:
                RequiredAbilities |= OfPart(ref reader);
                break;
            case JsonTokenType.String when name == Name.Role && _list == 1:
                _isUser = reader.ValueTextEquals("user"u8);
                break;
            case JsonTokenType.EndObject when depth == 2 && _isUser && UserEnd == 0:
                UserEnd = reader.BytesConsumed;
                break;
        }
    }

    private void ObserveFormat(ref Utf8JsonReader reader, int depth, bool isInside)
    {
        var name = _name;
        _name = Name.Other;
        if (reader.TokenType == JsonTokenType.PropertyName)
        {
            _isFormat = depth == 1 ? reader.ValueTextEquals("format"u8) : _isFormat;
            _name = isInside && reader.ValueTextEquals("type"u8) ? Name.Type : Name.Other;
            return;
        }

        Require(ModelAbilities.JsonSchema, name == Name.Type && reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("json_schema"u8));
    }

    private void Require(ModelAbilities ability, bool isRequired) => RequiredAbilities |= isRequired ? ability : ModelAbilities.None;
}
