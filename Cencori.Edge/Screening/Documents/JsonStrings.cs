namespace Cencori.Edge.Screening.Documents;

/// <summary>Follows the text of a JSON document, and tells which places are inside of a string.</summary>
internal struct JsonStrings
{
    private bool _isEscaped;

    /// <summary>True when the next character is inside of a string, or is the quote that ends one.</summary>
    public bool IsInside { get; private set; }

    public void Read(ReadOnlySpan<char> text)
    {
        foreach (var character in text)
        {
            Read(character);
        }
    }

    public void Read(int character)
    {
        if (_isEscaped)
        {
            _isEscaped = false;
        }
        else if (character == '"')
        {
            IsInside = !IsInside;
        }
        else
        {
            _isEscaped = IsInside && character == '\\';
        }
    }
}
