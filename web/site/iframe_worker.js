// What a browser lacks that opens a page of a folder: workers, of which the search of the site is one.
import "iframe-worker/shim";
