namespace Cencori.Edge.Policies.Detectors.Scanning;

/// <summary>Forms of a text besides the usual one. The usual form may lack what a detector searches for.</summary>
[Flags]
public enum TextForms
{
    None = 0,

    /// <summary>Letters after a backslash are kept, as in <c>C:\falcon</c>. In the usual form, <c>\f</c> is an escape.</summary>
    LettersAfterBackslash = 1,

    /// <summary>Letters of other scripts are not folded to ASCII letters that look alike.</summary>
    Unfolded = 2,
}
