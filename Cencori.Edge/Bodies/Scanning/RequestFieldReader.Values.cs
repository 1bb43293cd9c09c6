using System.Text.Json;
using Cencori.Edge.Models;

namespace Cencori.Edge.Bodies.Scanning;

internal ref partial struct RequestFieldReader
{
    // Returns the range from the start of a value to the end of the current token. The reader must be on the last token of the value.
    private readonly ByteRange ValueFrom(long start) => new(_start + (int)start, (int)(_reader.BytesConsumed - start));

    private readonly bool Checks(CheckedFields field) => (_checks & field) != 0;

    private bool TryReadModel()
    {
        var start = _reader.TokenStartIndex;
        var isName = _reader is { TokenType: JsonTokenType.String, ValueSpan.IsEmpty: false };
        if (isName && _reader.ValueSpan.Length > MaxEscapedModelLength)
        {
            return RefuseLongModel();
        }

        if (!isName && _reader.TokenType != JsonTokenType.Null)
        {
            if (Checks(CheckedFields.Model))
            {
                return Refuse(_reader.TokenType == JsonTokenType.String ? "'model' must not be empty." : "'model' must be a string.", "model");
            }

            // The endpoint accepts other JSON than a name as "model". Such a value selects no model, and counts as input text.
            ReadText(RequestField.Unknown);
        }

        _hasNullModel |= !isName;
        if (_model is { } earlier)
        {
            if (_hasNullModel)
            {
                // "model" is repeated, and one of its values names no model. Providers differ in which value they use.
                // The edge may send a body without a model on unchanged, so it must refuse a body whose model is not certain.
                return Refuse("'model' must not be both null and repeated.", "model");
            }

            _earlierModels ??= [];
            _earlierModels.Add(earlier);
            if (_earlierModels.Count == MaxModelOccurrences)
            {
                return Refuse($"'model' is repeated more than {MaxModelOccurrences} times.", "model");
            }
        }

        _model = ValueFrom(start);
        return true;
    }

    /// <summary>Decodes only the last "model", so that a body with a repeated "model" allocates one string. Null: the body names no model.</summary>
    private bool TryGetModel(out string? model)
    {
        model = null;
        if (_hasNullModel || _model is not { } range)
        {
            return true;
        }

        var value = new Utf8JsonReader(_body.Slice(range.Start, range.Length));
        value.Read();
        try
        {
            model = value.GetString();
        }
        catch (InvalidOperationException)
        {
            return Refuse("'model' is not valid Unicode.", "model");
        }

        return model is null || model.Length <= MaxModelLength || RefuseLongModel();
    }

    private bool TryReadServiceTier()
    {
        Span<byte> tier = stackalloc byte[MaxEscapedTierLength];
        try
        {
            _serviceTier = ServiceTiers.Find(tier[.._reader.CopyString(tier)]);
            return true;
        }
        catch (InvalidOperationException)
        {
            return Refuse("'service_tier' is not valid Unicode.", "service_tier");
        }
    }

    // Any non-empty value of "models" counts as a list of other models: a provider may read a single string as a list of one.
    private void ReadModels()
    {
        var isList = _reader.TokenType == JsonTokenType.StartArray;
        var isEmpty = _reader.TokenType == JsonTokenType.Null;
        var (begin, start) = (_reader.TokenStartIndex, _reader.BytesConsumed);
        _reader.Skip();

        // An escaped name may hide the end.
        var all = _body[(_start + (int)begin)..(_start + (int)_reader.BytesConsumed)];
        _listsWebSearch |= all.IndexOf(":online"u8) >= 0 || all.Contains((byte)'\\');
        if (isList)
        {
            var items = _body[(_start + (int)start)..(_start + (int)_reader.TokenStartIndex)];
            isEmpty = items.IndexOfAnyExcept(" \t\r\n"u8) < 0;
        }

        _namesOtherModels |= !isEmpty;
    }

    private bool TryReadStreamOptions()
    {
        _streamOptions = _nullStreamOptions = null;
        _includeUsage = null;
        var start = _reader.TokenStartIndex;
        if (_reader.TokenType == JsonTokenType.Null)
        {
            _nullStreamOptions = ValueFrom(start);
            return true;
        }

        if (_reader.TokenType != JsonTokenType.StartObject)
        {
            return AcceptAsText(CheckedFields.Stream) || Refuse("'stream_options' must be an object.", "stream_options");
        }

        while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            var isUsage = RequestFields.Identify(ref _reader) == RequestField.IncludeUsage;
            _reader.Read();
            if (!isUsage)
            {
                _reader.Skip();
            }
            else if (!TryReadBoolean("stream_options.include_usage", CheckedFields.Stream, out _includeUsage))
            {
                return false;
            }
        }

        _streamOptions = ValueFrom(start);
        return true;
    }

    private bool TryReadBoolean(string name, CheckedFields field, out bool? value)
    {
        value = _reader.TokenType switch
        {
            JsonTokenType.True => true,
            JsonTokenType.False => false,
            _ => null,
        };
        return value is not null || _reader.TokenType == JsonTokenType.Null || AcceptAsText(field) || Refuse($"'{name}' must be true or false.", name);
    }

    // The text of every occurrence of a repeated field is added to the input: a provider may read any of them.
    private void ReadText(RequestField field)
    {
        var tokenArrays = field is RequestField.TextOrTokens or RequestField.Prompt;
        _hasUnboundedInput |= field == RequestField.Prompt && _reader.TokenType == JsonTokenType.StartObject;
        var kind = field == RequestField.Tools ? InputKind.Tools : field is RequestField.Instructions or RequestField.System or RequestField.Functions ? InputKind.Text : InputKind.Content;
        var mayName = field is RequestField.Unknown or RequestField.Elsewhere or RequestField.Tools or RequestField.OtherRun
            or RequestField.ResponseFormat or RequestField.TextFormat or RequestField.Modalities or RequestField.Audio;
        long texts;
        if (Notes(NotedFields.Needs | NotedFields.Prefix | NotedFields.Stored))
        {
            var start = _reader.TokenStartIndex;
            var watch = new InputObserver(field, Notes(NotedFields.Stored));
            _inputTextBytes += InputText.Measure(ref _reader, tokenArrays, kind, mayName, out texts, ref _hasUnboundedInput, ref _namesOtherModels, ref watch);
            Note(field, watch, start);
        }
        else
        {
            var ignoredObserver = default(NoInputObserver);
            _inputTextBytes += InputText.Measure(ref _reader, tokenArrays, kind, mayName, out texts, ref _hasUnboundedInput, ref _namesOtherModels, ref ignoredObserver);
        }

        if (field == RequestField.Prompt)
        {
            _prompts = Math.Max(_prompts, texts);
        }
    }

    private bool TryReadBound(string name, CheckedFields field)
    {
        // An output limit that is not a number may mean "no limit".
        _isUnbounded |= _reader.TokenType is not (JsonTokenType.Number or JsonTokenType.Null) || (_reader.TokenType == JsonTokenType.Number && (!TryGetWhole(out var whole) || whole < 0));
        return TryReadLargest(name, field, 0, ref _outputBound);
    }

    // Accepts a value of the wrong type where the edge does not enforce the type. The provider may show the value to the model, so it counts as text.
    private bool AcceptAsText(CheckedFields field)
    {
        if (Checks(field))
        {
            return false;
        }

        ReadText(RequestField.Unknown);
        return true;
    }

    // Keeps the largest value of all names and occurrences of the field: a provider may use any of them.
    private bool TryReadLargest(string name, CheckedFields field, long atLeast, ref long? largest)
    {
        if (_reader.TokenType == JsonTokenType.Null)
        {
            return true;
        }

        if (_reader.TokenType != JsonTokenType.Number || !TryGetWhole(out var whole) || whole < atLeast)
        {
            return AcceptAsText(field) || Refuse($"'{name}' must be a whole number, {atLeast} or more.", name);
        }

        largest = Math.Max(largest ?? whole, whole);
        return true;
    }

    // 1e3 and 100.0 are whole. A number too large for a long counts as unlimited.
    private readonly bool TryGetWhole(out long whole)
    {
        if (_reader.TryGetInt64(out whole))
        {
            return true;
        }

        if (!_reader.TryGetDouble(out var number) || number != Math.Floor(number))
        {
            return false;
        }

        // The conversion saturates, and turns infinity into the largest value.
        whole = (long)number;
        return true;
    }

    private bool RefuseLongModel() => Refuse($"'model' must not be longer than {MaxModelLength} characters.", "model");

    private bool Refuse(string message, string? param)
    {
        _problem = new(message, param);
        return false;
    }
}
